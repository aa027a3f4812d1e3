# @EXPECTED_RESULTS@: WA
# No number.
print("tell me", flush=True)
input()
