package io.cloister.sandbox.linux.kernel;

/// The second half of the program of [HogSource]: time, disk, and the acts by name. Its arguments
/// are acts, with "," between them; it exits with 0 when all are done, else with the error number.
final class HogActs {

    private HogActs() {}

    static final String TEXT =
            """
            /* Processor time of this thread, in user mode. */
            static void *burn(void *millis) {
                long long end = nanos(CLOCK_THREAD_CPUTIME_ID) + (long) millis * 1000000LL;
                while (nanos(CLOCK_THREAD_CPUTIME_ID) < end)
                    for (volatile int i = 0; i < 20000; i++) { }
                return NULL;
            }

            /* The same in the kernel. */
            static void burnInKernel(long millis) {
                static char block[MIB];
                int fd = open("/dev/zero", O_RDONLY);
                check(fd, "/dev/zero");
                long long end = nanos(CLOCK_THREAD_CPUTIME_ID) + millis * 1000000LL;
                while (nanos(CLOCK_THREAD_CPUTIME_ID) < end) check(read(fd, block, MIB), "read");
            }

            static void burnInThreads(long count, long millis) {
                pthread_t threads[64];
                for (long i = 0; i < count; i++)
                    if (pthread_create(threads + i, NULL, burn, (void *) millis)) _exit(EAGAIN);
                for (long i = 0; i < count; i++) pthread_join(threads[i], NULL);
            }

            static pid_t burnInChild(long millis) {
                pid_t pid = child();
                check(pid, "fork");
                if (pid == 0) {
                    burn((void *) millis);
                    _exit(0);
                }
                return pid;
            }

            static void burnInChildren(long count, long millis) {
                for (long i = 0; i < count; i++) burnInChild(millis);
                while (wait(NULL) > 0) { }
            }

            /* In one after the other, reaped by themselves: nobody gets to add up their times. */
            static void burnUnseen(long count, long millis) {
                signal(SIGCHLD, SIG_IGN);
                for (long i = 0; i < count; i++) {
                    burnInChild(millis);
                    while (wait(NULL) > 0) { }
                }
            }

            /* In a process that left its session and has process 1 for a parent; this one waits. */
            static void burnInDaemon(long millis) {
                int over[2];
                char byte;
                check(pipe(over), "pipe");
                pid_t pid = child();
                check(pid, "fork");
                if (pid == 0) {
                    setsid();
                    pid = child();
                    check(pid, "fork");
                    if (pid == 0) burn((void *) millis);
                    _exit(0);
                }
                waitpid(pid, NULL, 0);
                close(over[1]);
                check(read(over[0], &byte, 1), "read");
            }

            static long long nanosOf(struct timeval time) {
                return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
            }

            /* User and system time as the program sees them, with children it has waited for. */
            static void sayTimes(void) {
                struct rusage self, children;
                getrusage(RUSAGE_SELF, &self);
                getrusage(RUSAGE_CHILDREN, &children);
                printf("%lld %lld\\n", nanosOf(self.ru_utime) + nanosOf(children.ru_utime),
                       nanosOf(self.ru_stime) + nanosOf(children.ru_stime));
                fflush(stdout);
            }

            /* Fills a file system with one file; returns 0, or -1 at the error. */
            static long fill(const char *path, long bytes) {
                int fd = open(path, O_WRONLY | O_CREAT, 0600);
                check(fd, path);
                long result = writes(fd, bytes);
                int error = errno;
                close(fd);
                errno = error;
                return result;
            }

            /* Makes so many files in a directory; returns 0, or -1 at the error. */
            static long makeFiles(const char *directory, long count) {
                char path[PAGE];
                for (long i = 0; i < count; i++) {
                    snprintf(path, sizeof path, "%s/%ld", directory, i);
                    int fd = open(path, O_WRONLY | O_CREAT, 0600);
                    if (fd < 0) return -1;
                    close(fd);
                }
                return 0;
            }

            static void removeFiles(const char *directory, long count) {
                char path[PAGE];
                for (long i = 0; i < count; i++) {
                    snprintf(path, sizeof path, "%s/%ld", directory, i);
                    check(unlink(path), path);
                }
            }

            /* At the end of space: stays, or ends well. */
            static void full(long result, const char *then) {
                if (result == 0) return;
                check(errno == ENOSPC ? 0 : -1, "it is not full");
                if (!strcmp(then, "stay")) for (;;) pause();
                _exit(0);
            }

            /* Past the cache, so that the device sees it. */
            static void writeThrough(const char *path, long mib) {
                void *block = NULL;
                if (posix_memalign(&block, PAGE, MIB)) _exit(ENOMEM);
                int fd = open(path, O_WRONLY | O_CREAT | O_DIRECT, 0600);
                check(fd, path);
                for (long i = 0; i < mib; i++) check(write(fd, block, MIB), "write");
                check(fsync(fd), "fsync");
            }

            #define IS(name) (!strcmp(act, name))
            #define NUMBER(i) (i < argc ? atol(argv[i]) : 0)

            static int perform(const char *act, int argc, char **argv) {
                if (IS("heap")) takeHeap(NUMBER(0));
                else if (IS("shared")) takeShared(NUMBER(0));
                else if (IS("file")) takeFile(argv[1], NUMBER(0));
                else if (IS("memfd")) takeMemfd(NUMBER(0));
                else if (IS("sysv")) takeSysv(NUMBER(0));
                else if (IS("pipes")) takePipes(NUMBER(0));
                else if (IS("sockets")) takeSockets(NUMBER(0));
                else if (IS("tables")) takePageTables(NUMBER(0));
                else if (IS("children")) takeInChildren(NUMBER(0));
                else if (IS("child")) takeInChild(NUMBER(0));
                else if (IS("small")) {
                    char *start = mapped(NUMBER(0) * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
                    madvise(start, NUMBER(0) * MIB, MADV_NOHUGEPAGE);
                    touch(start, NUMBER(0) * MIB);
                } else if (IS("refused")) return malloc(NUMBER(0) * MIB) == NULL ? 137 : 0;
                else if (IS("forkbomb")) forkBomb();
                else if (IS("threadbomb")) threadBomb();
                else if (IS("forks")) return forks(NUMBER(0));
                else if (IS("burn")) burn((void *) NUMBER(0));
                else if (IS("stubborn")) {
                    signal(SIGXCPU, SIG_IGN);
                    burn((void *) NUMBER(0));
                } else if (IS("kernel")) burnInKernel(NUMBER(0));
                else if (IS("threads")) burnInThreads(NUMBER(0), NUMBER(1));
                else if (IS("burners")) burnInChildren(NUMBER(0), NUMBER(1));
                else if (IS("unseen")) burnUnseen(NUMBER(0), NUMBER(1));
                else if (IS("daemon")) burnInDaemon(NUMBER(0));
                else if (IS("times")) sayTimes();
                else if (IS("ticks")) {
                    for (long i = 0; i < NUMBER(0); i++) {
                        nap(NUMBER(1) * 1000);
                        say("tick");
                    }
                } else if (IS("works")) {
                    for (long i = 0; i < NUMBER(0); i++) {
                        nap(NUMBER(1) * 1000);
                        burn((void *) 10L);
                    }
                } else if (IS("naps")) for (long i = 0; i < NUMBER(0); i++) nap(100);
                else if (IS("nap")) nap(NUMBER(0) * 1000);
                else if (IS("fill")) {
                    full(fill(argv[1], NUMBER(0)), argv[2]);
                    check(unlink(argv[1]), "unlink");
                } else if (IS("files")) {
                    full(makeFiles(argv[1], NUMBER(0)), argv[2]);
                    removeFiles(argv[1], NUMBER(0));
                } else if (IS("large")) {
                    signal(SIGXFSZ, SIG_IGN);
                    check(fill(argv[1], NUMBER(0)), "write");
                } else if (IS("direct")) writeThrough(argv[1], NUMBER(0));
                else if (IS("say")) say(argv[0]);
                else if (IS("line")) line();
                else if (IS("stay")) for (;;) pause();
                else if (IS("raise")) {
                    signal(NUMBER(0), SIG_DFL);
                    raise(NUMBER(0));
                } else if (IS("exit")) return NUMBER(0);
                else return 255;
                return 0;
            }

            /* Acts with their arguments, one after the other, with "," between them. */
            int main(int argc, char **argv) {
                alarm(GUARD_SECONDS);
                for (int i = 1; i < argc; i++) {
                    int next = i + 1;
                    while (next < argc && strcmp(argv[next], ",")) next++;
                    int status = perform(argv[i], next - i - 1, argv + i + 1);
                    if (status != 0) return status;
                    i = next;
                }
                return 0;
            }
            """;
}
