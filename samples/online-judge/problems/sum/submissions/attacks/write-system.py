# @EXPECTED_RESULTS@: AC
# Writes to what it sees of the host, and to its interfaces in /proc.
import os
written = []
for name in ("/usr/bin/python3", "/etc/passwd", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger",
             "/proc/1/oom_score_adj", "/sys/fs/cgroup/cgroup.procs", "/dev/sda", "/dev/mem"):
    try:
        os.close(os.open(name, os.O_WRONLY))
        written.append(name)
    except OSError:
        pass
n, *xs = map(int, open(0).read().split())
print(written or sum(xs))
