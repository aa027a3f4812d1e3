// Computes without end, and asks nothing.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    for (volatile unsigned i = 0;; i++) {}
}
