# @EXPECTED_RESULTS@: WA
# Gives the validator more than it wants to read.
import sys
n = int(input())
print(*range(2, n + 1, 2), *range(1, n + 1, 2))
for i in range(60):
    sys.stdout.write("7 " * 30000)
