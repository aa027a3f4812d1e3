# Leaves its root the old way.
import os
try:
    os.chroot("/tmp")
except OSError:
    pass
print(0)
