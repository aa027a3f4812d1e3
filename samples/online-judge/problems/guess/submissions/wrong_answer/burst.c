// Asks as often as it may, and is gone before the answers.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    for (int i = 0; i < 20; i++) printf("999999\n");
    return 0;
}
