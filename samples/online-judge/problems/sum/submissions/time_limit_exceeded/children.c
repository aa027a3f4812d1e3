// Lets children compute, each for less than the limit.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    for (int i = 0; i < 100; i++) {
        if (fork() == 0) {
            while (clock() < CLOCKS_PER_SEC / 5) {}
            _exit(0);
        }
        wait(NULL);
    }
    printf("%lld\n", sum());
    return 0;
}
