// @EXPECTED_RESULTS@: AC
// Leaves processes that compute.
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
    long long s = sum();
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            setsid();
            for (volatile unsigned j = 0;; j++) {}
        }
    }
    printf("%lld\n", s);
    return 0;
}
