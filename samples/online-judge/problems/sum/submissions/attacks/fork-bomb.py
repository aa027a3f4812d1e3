# @EXPECTED_RESULTS@: RE
# Twice as many processes each time.
import os, time
for i in range(12):
    os.fork()
time.sleep(2)
print(0)
