// Includes a terminal, and waits for somebody to type.
#include "/dev/tty"
int main(void) { return 0; }
