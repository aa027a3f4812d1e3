# @EXPECTED_RESULTS@: AC
# Looks for answers, tests and files of the judge in every place that it can reach.
import os
found = []
for top, directories, files in os.walk("/"):
    directories[:] = [d for d in directories if os.path.join(top, d) not in ("/usr", "/proc", "/sys")]
    for name in files:
        if name.endswith((".ans", ".in", ".yaml")) or "feedback" in name or "secret" in name:
            found.append(os.path.join(top, name))
n, *xs = map(int, open(0).read().split())
print(" ".join(found) or sum(xs))
