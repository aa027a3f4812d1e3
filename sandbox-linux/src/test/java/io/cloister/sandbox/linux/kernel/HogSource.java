package io.cloister.sandbox.linux.kernel;

/// The first half of the program that takes what a limit forbids: memory, processes and threads.
/// Whatever it takes is bounded, and each of its processes ends within a minute, limit or no limit.
final class HogSource {

    private HogSource() {}

    static final String TEXT =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <pthread.h>
            #include <signal.h>
            #include <stdatomic.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/mman.h>
            #include <sys/resource.h>
            #include <sys/shm.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/wait.h>
            #include <time.h>
            #include <unistd.h>

            #define GUARD_SECONDS 60
            #define MIB (1L << 20)
            #define PAGE 4096L

            static void check(long result, const char *what) {
                if (result < 0) {
                    int error = errno;
                    printf("%s: %s\\n", what, strerror(error));
                    fflush(stdout);
                    _exit(error);
                }
            }

            static void say(const char *word) {
                puts(word);
                fflush(stdout);
            }

            /* Waits for a line, or the end, of standard input. */
            static void line(void) {
                char byte;
                while (read(0, &byte, 1) == 1 && byte != '\\n') { }
            }

            static long long nanos(clockid_t clock) {
                struct timespec t;
                clock_gettime(clock, &t);
                return t.tv_sec * 1000000000LL + t.tv_nsec;
            }

            static void nap(long micros) {
                usleep(micros);
            }

            /* A child that, whatever happens, ends after a while: an alarm is not inherited. */
            static pid_t child(void) {
                pid_t pid = fork();
                if (pid == 0) alarm(GUARD_SECONDS);
                return pid;
            }

            static void *mapped(long bytes, int protection, int flags) {
                void *start = mmap(NULL, bytes, protection, MAP_ANONYMOUS | flags, -1, 0);
                check(start == MAP_FAILED ? -1 : 0, "mmap");
                return start;
            }

            /* Touches every page, so that it is there. */
            static void touch(char *start, long bytes) {
                for (long i = 0; i < bytes; i += PAGE) start[i] = 1;
            }

            /* Writes MiB by MiB; returns 0, or -1 at the first error. */
            static long writes(int fd, long bytes) {
                static char block[MIB];
                memset(block, 'x', sizeof block);
                while (bytes > 0) {
                    long n = write(fd, block, bytes < MIB ? bytes : MIB);
                    if (n < 0) return -1;
                    bytes -= n;
                }
                return 0;
            }

            /* Each takes so many MiB, and keeps them. */

            static void takeHeap(long mib) {
                for (long i = 0; i < mib; i++) {
                    char *block = malloc(MIB);
                    if (block == NULL) _exit(ENOMEM);
                    touch(block, MIB);
                }
            }

            static void takeShared(long mib) {
                touch(mapped(mib * MIB, PROT_READ | PROT_WRITE, MAP_SHARED), mib * MIB);
            }

            static void takeFile(const char *path, long mib) {
                int fd = open(path, O_WRONLY | O_CREAT, 0600);
                check(fd, path);
                check(writes(fd, mib * MIB), "write");
            }

            static void takeMemfd(long mib) {
                int fd = memfd_create("hog", 0);
                check(fd, "memfd_create");
                check(writes(fd, mib * MIB), "write");
            }

            static void takeSysv(long mib) {
                int id = shmget(IPC_PRIVATE, mib * MIB, IPC_CREAT | 0600);
                check(id, "shmget");
                char *start = shmat(id, NULL, 0);
                check((long) start == -1 ? -1 : 0, "shmat");
                touch(start, mib * MIB);
            }

            /* The kernel lets a user have 64 MiB in pipes of this size. */
            static void takePipes(long mib) {
                for (long i = 0; i < mib; i++) {
                    int ends[2];
                    check(pipe2(ends, O_NONBLOCK), "pipe");
                    check(fcntl(ends[1], F_SETPIPE_SZ, MIB), "F_SETPIPE_SZ");
                    check(writes(ends[1], MIB), "write");
                }
            }

            static void takeSockets(long mib) {
                static char block[65536];
                long bytes = 0;
                while (bytes < mib * MIB) {
                    int ends[2], size = 1 << 20;
                    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), "socketpair");
                    for (int i = 0; i < 2; i++) {
                        setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
                        long n;
                        while ((n = write(ends[i], block, sizeof block)) > 0) bytes += n;
                        check(errno == EAGAIN ? 0 : -1, "write");
                    }
                }
            }

            /* A page table has 4 KiB and maps 2 MiB; reading takes the page of zeros. */
            static void takePageTables(long mib) {
                const long span = 2 * MIB, chunk = 1L << 30;
                for (long tables = mib * MIB / PAGE; tables > 0; tables -= chunk / span) {
                    char *start = mapped(chunk, PROT_READ, MAP_PRIVATE | MAP_NORESERVE);
                    madvise(start, chunk, MADV_NOHUGEPAGE);
                    for (long i = 0; i < chunk; i += span) *(volatile char *) (start + i);
                }
            }

            static void takeInChildren(long mib) {
                int ready[2];
                char byte;
                check(pipe(ready), "pipe");
                for (long i = 0; i < mib; i++) {
                    pid_t pid = child();
                    check(pid, "fork");
                    if (pid == 0) {
                        takeHeap(1);
                        check(write(ready[1], "x", 1), "write");
                        for (;;) pause();
                    }
                }
                close(ready[1]);
                for (long i = 0; i < mib; i++)
                    if (read(ready[0], &byte, 1) != 1) _exit(ECHILD);
            }

            /* In a child, whose end is not passed on. */
            static void takeInChild(long mib) {
                pid_t pid = child();
                check(pid, "fork");
                if (pid == 0) {
                    takeHeap(mib);
                    _exit(0);
                }
                waitpid(pid, NULL, 0);
            }

            /* Processes and threads that stop by themselves after 2000, or five seconds. */

            #define BOMBS 2000
            #define BOMB_NANOS 5000000000LL

            static void forkBomb(void) {
                atomic_int *count = mapped(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
                long long end = nanos(CLOCK_MONOTONIC) + BOMB_NANOS;
                while (nanos(CLOCK_MONOTONIC) < end) {
                    if (*count >= BOMBS || child() < 0) nap(1000);
                    else atomic_fetch_add(count, 1);
                }
            }

            static void *sleeper(void *unused) {
                nap(BOMB_NANOS / 1000);
                return NULL;
            }

            static void threadBomb(void) {
                pthread_attr_t small;
                pthread_attr_init(&small);
                pthread_attr_setstacksize(&small, 65536);
                for (int i = 0; i < BOMBS; i++) {
                    pthread_t thread;
                    int error = pthread_create(&thread, &small, sleeper, NULL);
                    if (error != 0) break;
                }
                sleeper(NULL);
            }

            /* Children that stay; 0, or the error of the fork that failed. */
            static int forks(long count) {
                for (long i = 0; i < count; i++) {
                    pid_t pid = child();
                    if (pid < 0) return errno;
                    if (pid == 0) for (;;) pause();
                }
                return 0;
            }
            """;
}
