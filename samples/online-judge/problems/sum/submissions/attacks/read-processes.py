# @EXPECTED_RESULTS@: AC
# Looks at the other processes: what they are, have open and think.
import os
found = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    for what in ("environ", "maps", "root", "cwd", "exe", "mem"):
        path = "/proc/" + pid + "/" + what
        try:
            text = os.readlink(path) if what in ("root", "cwd", "exe") else open(path, "rb").read(9)
            found.append(path + str(text))
        except OSError:
            pass
    try:
        for fd in os.listdir("/proc/" + pid + "/fd"):
            found.append(os.readlink("/proc/" + pid + "/fd/" + fd))
    except OSError:
        pass
n, *xs = map(int, open(0).read().split())
print(" ".join(found) or sum(xs))
