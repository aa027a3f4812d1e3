// An exit code that a shell would take for a signal, after the right answer.
#define _GNU_SOURCE
#include <stdio.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    printf("%lld\n", sum());
    return 139;
}
