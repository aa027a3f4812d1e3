// @EXPECTED_RESULTS@: AC
// Leaves a process of its own session that writes a second later and holds the pipe open.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    if (fork() == 0) {
        setsid();
        sleep(1);
        puts("and more");
        fflush(stdout);
        sleep(60);
        _exit(0);
    }
    printf("%lld\n", sum());
    return 0;
}
