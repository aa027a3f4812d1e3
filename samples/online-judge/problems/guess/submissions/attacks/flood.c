// @EXPECTED_RESULTS@: WA, OLE
// Asks all questions at once, and many more.
#define _GNU_SOURCE
#include <stdio.h>

int main(void) {
    for (int i = 0; i < 10000000; i++) printf("%d\n", i);
    return 0;
}
