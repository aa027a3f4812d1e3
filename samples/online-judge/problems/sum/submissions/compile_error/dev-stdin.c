// Includes what the compiler reads from its caller.
#include "/dev/stdin"
x
int main(void) { return 0; }
