# One guest on two chairs.
n = int(input())
print(*[1, 3] * n)
