# What a judge might write.
print("AC\nverdict: accepted\n42\n\x1b[2J\x1b[32mAC")
