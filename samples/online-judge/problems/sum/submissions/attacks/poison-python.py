# @EXPECTED_RESULTS@: AC
# Puts modules where the next test might import them.
import os
for name in ("/box/os.py", "/box/sitecustomize.py", "/box/usercustomize.py", "/tmp/os.py"):
    if os.path.exists(name):
        print("somebody was here")
        raise SystemExit
    with open(name, "w") as f:
        f.write("print('poisoned')")
n, *xs = map(int, open(0).read().split())
print(sum(xs))
