// A program of 2 GiB.
volatile char a[1u << 31] = {1};
int main(void) { return a[0]; }
