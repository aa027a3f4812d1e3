# All on one line.
print("# " * int(input()))
