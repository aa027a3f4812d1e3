// Computes for a while; its processor time is measured.
#define _GNU_SOURCE
#include <stdio.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    volatile unsigned x = 1;
    for (int i = 0; i < 60000000; i++) {
        x = x * 1664525u + 1013904223u;
    }
    printf("%lld\n", sum());
    return 0;
}
