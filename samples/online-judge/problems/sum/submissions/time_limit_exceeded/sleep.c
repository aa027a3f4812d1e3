// Waits, and takes no processor time.
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    sleep(120);
    return 0;
}
