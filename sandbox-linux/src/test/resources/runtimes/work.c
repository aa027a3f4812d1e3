#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;

static void *add(void *first) {
    for (long n = (long) first; n <= 1000; n += 4) {
        pthread_mutex_lock(&lock);
        total += n;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static int order(const void *a, const void *b) { return *(const int *) a - *(const int *) b; }

int main(void) {
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, add, (void *) (i + 1))) return 1;
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    printf("sum %ld\n", total);
    FILE *file = fopen("/work/numbers", "w+");
    if (!file) return 2;
    fputs("5 3 8 1 2", file);
    rewind(file);
    int numbers[5];
    for (int i = 0; i < 5; i++)
        if (fscanf(file, "%d", &numbers[i]) != 1) return 3;
    qsort(numbers, 5, sizeof(int), order);
    printf("sorted %d %d %d %d %d\n", numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    fflush(stdout);
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        *shared = 7;
        _exit(0);
    }
    wait(NULL);
    if (*shared != 7) return 4;
    return system("echo child hello");
}
