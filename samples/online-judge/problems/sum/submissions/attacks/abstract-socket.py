# @EXPECTED_RESULTS@: AC
# Looks for sockets without a file, and leaves one for the next test.
import os, socket
names = [line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:] if "@" in line]
s = socket.socket(socket.AF_UNIX)
s.bind("\0judge-test")
s.listen()
if os.fork() == 0:
    import time
    time.sleep(60)
n, *xs = map(int, open(0).read().split())
print(names or sum(xs))
