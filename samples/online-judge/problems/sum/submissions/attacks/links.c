// @EXPECTED_RESULTS@: AC
// Puts links and a FIFO where the judge writes next.
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
    unlink("/box/main.c");
    symlink("/etc/passwd", "/box/program");
    mkfifo("/box/main.c", 0666);
    link("/box/program", "/box/hard");
    mkdir("/box/deep", 0);
    symlink("/", "/box/root");
    printf("%lld\n", sum());
    return 0;
}
