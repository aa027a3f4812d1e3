// Fails after the first answer.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    char answer[16];
    printf("1000\n");
    fflush(stdout);
    scanf("%15s", answer);
    *(volatile int *)0 = 1;
    return 0;
}
