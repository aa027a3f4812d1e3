# Fills /dev/shm, and goes on without.
import time
try:
    with open("/dev/shm/file", "wb", 0) as f:
        for i in range(512):
            f.write(b"x" * (1 << 20))
except OSError:
    pass
time.sleep(1)
print(0)
