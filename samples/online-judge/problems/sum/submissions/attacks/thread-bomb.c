// @EXPECTED_RESULTS@: RE
// As many threads as it gets.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *wait_a_while(void *nothing) {
    sleep(2);
    return nothing;
}

int main(void) {
    pthread_t thread;
    for (int i = 0; i < 4000; i++) {
        if (pthread_create(&thread, NULL, wait_a_while, NULL) != 0) return 1;
    }
    sleep(2);
    return 0;
}
