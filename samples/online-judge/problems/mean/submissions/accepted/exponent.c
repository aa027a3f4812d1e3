// Writes the number with an exponent.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    int n;
    double x, s = 0;
    scanf("%d", &n);
    for (int i = 0; i < n; i++) {
        scanf("%lf", &x);
        s += x;
    }
    printf("%.12e\n", s / n);
    return 0;
}
