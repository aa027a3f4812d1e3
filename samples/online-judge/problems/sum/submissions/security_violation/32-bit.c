// Calls the kernel by the numbers of 32-bit programs.
#define _GNU_SOURCE
#include <stdio.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    __asm__ volatile("int $0x80" ::"a"(20) : "memory");
    printf("%lld\n", sum());
    return 0;
}
