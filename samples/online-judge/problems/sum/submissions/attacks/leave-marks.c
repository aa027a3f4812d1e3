// @EXPECTED_RESULTS@: AC
// Leaves files for the next test, and looks for those of the last.
#define _GNU_SOURCE
#include <stdio.h>

static long long sum(void) {
    long long n, x, s = 0;
    if (scanf("%lld", &n) != 1) return -1;
    while (n-- > 0 && scanf("%lld", &x) == 1) s += x;
    return s;
}

int main(void) {
    FILE *mark;
    const char *marks[] = {"/tmp/mark", "/dev/shm/mark", "/box/mark"};
    for (int i = 0; i < 3; i++) {
        if ((mark = fopen(marks[i], "r")) != NULL) {
            puts("somebody was here");
            return 0;
        }
        if ((mark = fopen(marks[i], "w")) != NULL) fclose(mark);
    }
    printf("%lld\n", sum());
    return 0;
}
