# Ends well, and writes nothing.
pass
