# Writes to standard error.
import sys
for i in range(1 << 14):
    sys.stderr.write("x" * (1 << 16))
