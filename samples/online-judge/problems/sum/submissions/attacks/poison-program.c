// @EXPECTED_RESULTS@: AC
// Puts another program at the place of its own, for the next test.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    unlink("/box/program");
    FILE *other = fopen("/box/program", "w");
    if (other != NULL) {
        fputs("#!/bin/sh\necho poisoned\n", other);
        fclose(other);
        chmod("/box/program", 0755);
    }
    printf("%lld\n", sum());
    return 0;
}
