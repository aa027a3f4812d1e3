# @EXPECTED_RESULTS@: WA, RE
# Looks for the number of the interactor.
import os
for name in ("/tmp/test.in", "/tmp/test.ans", "/box/test.in", "/tmp/feedback"):
    if os.path.exists(name):
        print(open(name).read(), flush=True)
        raise SystemExit
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        print(open("/proc/" + pid + "/root/tmp/test.in").read(), flush=True)
    except OSError:
        pass
print(0, flush=True)
while True:
    input()
    print(0, flush=True)
