// Eight children that share what they take between them.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            volatile char *p = malloc(64 << 20);
            for (int at = 0; at < 64 << 20; at += 4096) p[at] = 1;
            sleep(3);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {}
    printf("%lld\n", sum());
    return 0;
}
