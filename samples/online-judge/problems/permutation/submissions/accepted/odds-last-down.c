// Another order, which is as good.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    int n;
    scanf("%d", &n);
    for (int i = n; i > 0; i--) if (i % 2 == 1) printf("%d ", i);
    for (int i = n; i > 0; i--) if (i % 2 == 0) printf("%d ", i);
    return 0;
}
