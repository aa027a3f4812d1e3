# Loads a program into the kernel.
import ctypes
ctypes.CDLL(None).syscall(321, 0, 0, 0)
print(0)
