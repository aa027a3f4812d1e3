// Writes 1 GiB.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    static char block[1 << 16];
    for (int i = 0; i < 1 << 14; i++) fwrite(block, 1, sizeof block, stdout);
    return 0;
}
