# More questions than are allowed.
low, high = 1, 1000000
while True:
    guess = low
    print(guess, flush=True)
    answer = input()
    if answer == "right":
        break
    if answer == "lower":
        high = guess - 1
    else:
        low = guess + 1
