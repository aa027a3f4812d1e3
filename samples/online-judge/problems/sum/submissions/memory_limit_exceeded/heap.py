# Takes and uses 1 GiB.
a = []
for i in range(1024):
    a.append(bytes([i & 255]) * (1 << 20))
print(0)
