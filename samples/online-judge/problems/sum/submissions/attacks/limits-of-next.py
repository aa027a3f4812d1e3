# @EXPECTED_RESULTS@: AC
# Lowers limits of the first process of its sandbox, for the next test.
import resource
for pid in (0, 1):
    for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        try:
            resource.prlimit(pid, what, (8, 8))
        except (OSError, ValueError):
            pass
n, *xs = map(int, open(0).read().split())
print(sum(xs))
