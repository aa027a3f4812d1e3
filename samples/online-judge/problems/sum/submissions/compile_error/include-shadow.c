// Has the compiler say what is in a file of the host.
#include "/etc/shadow"
int main(void) { return 0; }
