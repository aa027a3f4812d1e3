// Calls itself until its stack is full.
#define _GNU_SOURCE
#include <stdio.h>

static int deep(int n) {
    volatile char frame[4096];
    frame[n & 4095] = (char)n;
    return n > 1 << 24 ? frame[0] : deep(n + 1) + frame[n & 4095];
}

int main(void) {
    printf("%d\n", deep(0));
    return 0;
}
