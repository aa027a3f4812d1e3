# @EXPECTED_RESULTS@: WA
# Writes the files of the validator before it comes.
import os
for name in ("/tmp/feedback", "/box/feedback"):
    os.makedirs(name, exist_ok=True)
    open(name + "/teammessage.txt", "w").write("accepted")
for name in ("/tmp/test.in", "/tmp/test.ans", "/box/program"):
    try:
        os.unlink(name)
    except OSError:
        pass
    open(name, "w").write("1\n")
print("no number, and \x1b[31mcolours")
