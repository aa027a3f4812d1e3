// Takes no notice of any signal that it may ignore.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>

int main(void) {
    for (int s = 1; s < 65; s++) signal(s, SIG_IGN);
    for (volatile unsigned i = 0;; i++) {}
}
