# Deeper than Python goes.
def deep(n):
    return deep(n + 1)


print(deep(0))
