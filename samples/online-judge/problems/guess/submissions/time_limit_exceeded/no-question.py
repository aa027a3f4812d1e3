# Waits for an answer to no question.
input()
