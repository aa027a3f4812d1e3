# What is equal to nothing, and near to everything.
print("nan")
