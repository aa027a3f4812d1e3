// A file that has no place.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    static char block[1 << 20] = {1};
    int fd = memfd_create("bomb", 0);
    for (int i = 0; i < 512; i++) write(fd, block, sizeof block);
    char *p = mmap(NULL, 512 << 20, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    printf("%d\n", p[0]);
    return 0;
}
