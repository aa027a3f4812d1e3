// @EXPECTED_RESULTS@: AC
// Wants calls to be made where no filter sees them; the sandbox has no such thing.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    static char parameters[512];
    if (syscall(SYS_io_uring_setup, 1, parameters) != -1 || errno != ENOSYS) return 1;
    printf("%lld\n", sum());
    return 0;
}
