// Takes over another process.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/ptrace.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    printf("%lld\n", sum());
    return 0;
}
