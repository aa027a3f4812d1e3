// Fills /tmp, and goes on without.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    static char block[1 << 20] = {1};
    int fd = open("/tmp/file", O_CREAT | O_WRONLY, 0600);
    for (int i = 0; i < 512; i++) write(fd, block, sizeof block);
    sleep(1);
    printf("%lld\n", sum());
    return 0;
}
