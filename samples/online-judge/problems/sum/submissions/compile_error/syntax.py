# A bracket too few.
print((1)
