// Closes its outputs before it writes.
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    close(1);
    close(2);
    printf("%lld\n", sum());
    fflush(stdout);
    return 0;
}
