// 32 bits are too few.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    int n, x, s = 0;
    scanf("%d", &n);
    while (n-- > 0 && scanf("%d", &x) == 1) s += x;
    printf("%d\n", s);
    return 0;
}
