// Takes and uses 1 GiB.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    for (int i = 0; i < 1024; i++) {
        char *p = malloc(1 << 20);
        if (p == NULL) return 1;
        memset(p, i, 1 << 20);
    }
    printf("%lld\n", sum());
    return 0;
}
