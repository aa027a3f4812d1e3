// As it is meant.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    int n;
    scanf("%d", &n);
    for (int i = 0; i < n; i++) printf("%*s\n", i + 1, "#");
    return 0;
}
