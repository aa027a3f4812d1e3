# Two digits are too few.
n, *xs = map(float, open(0).read().split())
print("%.2f" % (sum(xs) / n))
