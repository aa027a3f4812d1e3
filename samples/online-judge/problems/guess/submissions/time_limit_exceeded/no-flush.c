// Keeps its question to itself.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    int x;
    printf("5\n");
    scanf("%d", &x);
    return 0;
}
