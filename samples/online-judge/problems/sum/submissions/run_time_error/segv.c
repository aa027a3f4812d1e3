// Writes to nowhere.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    *(volatile int *)0 = 1;
    return 0;
}
