# The right number, and one more.
n, *xs = map(int, open(0).read().split())
print(sum(xs), 0)
