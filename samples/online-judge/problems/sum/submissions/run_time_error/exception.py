# An error that nobody handles, and says what is no text.
import sys
sys.stderr.write("\x1b[31m\x07bell\n")
raise ValueError("\x1b]0;title\x07")
