# A space at the end of each line.
for i in range(int(input())):
    print(" " * i + "# ")
