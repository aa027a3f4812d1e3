# @EXPECTED_RESULTS@: AC
# Opens its own input and output once more, to find the files behind them.
import os
import sys
data = sys.stdin.read()
found = [os.readlink("/proc/self/fd/%d" % fd) for fd in (0, 1, 2)]
n, *xs = map(int, data.split())
print(sum(xs) if all(f.startswith("pipe:") for f in found) else found)
