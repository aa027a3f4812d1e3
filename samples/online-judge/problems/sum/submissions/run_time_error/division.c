// Divides by zero.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    volatile int zero = 0;
    printf("%d\n", 1000 / zero);
    return 0;
}
