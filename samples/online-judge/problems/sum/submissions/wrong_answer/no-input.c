// Closes its input, and guesses.
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    close(0);
    puts("0");
    return 0;
}
