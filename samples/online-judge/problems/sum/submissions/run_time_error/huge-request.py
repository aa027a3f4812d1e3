# One request for more memory than there is: refused at once, and nothing of it used.
b = bytearray(1 << 62)
