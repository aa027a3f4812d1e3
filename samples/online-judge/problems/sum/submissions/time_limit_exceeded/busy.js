// Computes without end.
for (;;) {}
