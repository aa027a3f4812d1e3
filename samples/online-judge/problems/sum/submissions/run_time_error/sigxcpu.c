// The signal of the limit on processor time, without its being reached.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>

int main(void) {
    raise(SIGXCPU);
    return 0;
}
