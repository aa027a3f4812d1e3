// @EXPECTED_RESULTS@: RE
// As many processes as it gets, each for two seconds.
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 4000; i++) {
        if (fork() == 0) {
            sleep(2);
            _exit(0);
        }
    }
    sleep(2);
    return 0;
}
