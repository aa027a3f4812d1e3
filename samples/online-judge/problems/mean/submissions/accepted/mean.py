# As it is meant.
n, *xs = map(float, open(0).read().split())
print(sum(xs) / n)
