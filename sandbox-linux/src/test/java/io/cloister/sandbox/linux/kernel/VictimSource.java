package io.cloister.sandbox.linux.kernel;

/// The program that does one hostile, or one harmless, thing as its first argument says. It exits
/// with 0 if that worked, else with the error number.
final class VictimSource {

    private VictimSource() {}

    static final String TEXT =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <mqueue.h>
            #include <netinet/in.h>
            #include <poll.h>
            #include <sched.h>
            #include <signal.h>
            #include <stddef.h>
            #include <stdint.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/prctl.h>
            #include <sys/ptrace.h>
            #include <sys/resource.h>
            #include <sys/shm.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/types.h>
            #include <sys/uio.h>
            #include <sys/un.h>
            #include <sys/wait.h>
            #include <time.h>
            #include <unistd.h>

            #define IS(name) (!strcmp(argv[1], name))

            static void check(long result, const char *what) {
                if (result < 0) {
                    int error = errno;
                    printf("%s: %s\\n", what, strerror(error));
                    fflush(stdout);
                    _exit(error);
                }
            }

            /* s:text a string, z:N a block of N zeros, else a number. */
            static long argument(const char *text) {
                if (!strncmp(text, "s:", 2)) return (long) (text + 2);
                if (!strncmp(text, "z:", 2)) return (long) calloc(1, atol(text + 2) + 1);
                return (long) strtoull(text, NULL, 0);
            }

            struct name { const char *name; long number; };
            #define S(x) {#x, SYS_##x}
            static const struct name NAMES[] = {
                S(mount), S(umount2), S(pivot_root), S(chroot), S(unshare), S(setns), S(add_key),
                S(keyctl), S(request_key), S(bpf), S(perf_event_open), S(userfaultfd),
                S(kexec_load), S(init_module), S(finit_module), S(delete_module), S(ptrace),
                S(socket), S(socketpair), S(ioctl), S(open_by_handle_at), S(name_to_handle_at),
                S(reboot), S(swapon), S(swapoff), S(syslog), S(acct), S(quotactl),
                S(settimeofday), S(clock_settime), S(adjtimex), S(personality), S(kcmp), S(mbind),
                S(getpid), S(fchmodat), S(mknodat), S(mkdirat), S(openat), S(setuid),
                S(setgid), S(setgroups), S(sethostname), S(setdomainname), S(kill), S(gettid),
                S(memfd_create), S(chdir), S(fchownat), S(setxattr), S(linkat), S(getuid),
                S(clock_gettime), S(process_vm_readv), S(fanotify_init), S(vhangup), S(setpriority),
                S(read), S(prctl), S(capset), S(truncate), S(uname), S(setrlimit), S(utimensat),
            #ifdef SYS_iopl
                S(iopl), S(ioperm), S(modify_ldt), S(chmod), S(mknod), S(creat), S(open),
            #endif
                {"fsopen", 430}, {"fsconfig", 431}, {"fsmount", 432}, {"open_tree", 428},
                {"move_mount", 429}, {"mount_setattr", 442}, {"io_uring_setup", 425},
                {"io_uring_enter", 426}, {"io_uring_register", 427}, {"pidfd_open", 434},
                {"pidfd_getfd", 438}, {"fchmodat2", 452}, {"clone3", 435}, {"statmount", 457},
                {"listmount", 458}, {"memfd_secret", 447}, {"pidfd_send_signal", 424},
            };

            static long number(const char *name) {
                for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
                    if (!strcmp(NAMES[i].name, name)) return NAMES[i].number;
                return strtol(name, NULL, 0);
            }

            static int reap(pid_t child) {
                int status;
                check(waitpid(child, &status, 0), "waitpid");
                return status;
            }

            static int connectTo(int family, int port) {
                struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
                struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
                v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                v6.sin6_addr = in6addr_loopback;
                int fd = socket(family, SOCK_STREAM, 0);
                check(fd, "socket");
                return family == AF_INET ? connect(fd, (void *) &v4, sizeof v4)
                                         : connect(fd, (void *) &v6, sizeof v6);
            }

            /* A listener on the loopback device, and a connection to it. */
            static void loopback(int family) {
                struct sockaddr_in v4 = {.sin_family = AF_INET};
                struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
                v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                v6.sin6_addr = in6addr_loopback;
                int fd = socket(family, SOCK_STREAM, 0);
                check(fd, "socket");
                check(family == AF_INET ? bind(fd, (void *) &v4, sizeof v4)
                                        : bind(fd, (void *) &v6, sizeof v6), "bind");
                check(listen(fd, 1), "listen");
                struct sockaddr_in6 self;
                socklen_t length = sizeof self;
                check(getsockname(fd, (void *) &self, &length), "getsockname");
                check(connectTo(family, ntohs(self.sin6_port)), "connect");
                int peer = accept(fd, NULL, NULL);
                check(peer, "accept");
                check(write(peer, "x", 1), "write");
            }

            static socklen_t address(struct sockaddr_un *a, const char *name) {
                memset(a, 0, sizeof *a);
                a->sun_family = AF_UNIX;
                if (*name == '@') {
                    strncpy(a->sun_path + 1, name + 1, sizeof a->sun_path - 2);
                    return offsetof(struct sockaddr_un, sun_path) + strlen(name);
                }
                strncpy(a->sun_path, name, sizeof a->sun_path - 1);
                return sizeof *a;
            }

            static struct msghdr message(int *fd, char *control) {
                static char byte = 'x';
                static struct iovec iov = {&byte, 1};
                struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
                                   .msg_controllen = CMSG_SPACE(sizeof(int))};
                struct cmsghdr *c = CMSG_FIRSTHDR(&m);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(c), fd, sizeof(int));
                return m;
            }

            /* Forks twice, leaves session and group, ignores what can be ignored, and stays. */
            static void daemonize(void) {
                int ready[2];
                check(pipe(ready), "pipe");
                pid_t child = fork();
                check(child, "fork");
                if (child == 0) {
                    setsid();
                    if (fork() != 0) _exit(0);
                    for (int i = 1; i < 32; i++) signal(i, SIG_IGN);
                    prctl(PR_SET_PDEATHSIG, 0);
                    check(write(ready[1], "x", 1), "write");
                    for (int i = 0; i < 3; i++) close(i);
                    for (;;) pause();
                }
                char byte;
                reap(child);
                check(read(ready[0], &byte, 1), "read");
            }

            static long flood(int fd, long bytes) {
                static char block[65536];
                memset(block, 'x', sizeof block);
                while (bytes > 0) {
                    long most = (long) sizeof block;
                    long n = write(fd, block, bytes < most ? bytes : most);
                    if (n < 0) return n;
                    bytes -= n;
                }
                return 0;
            }
            """;

    static final String MAIN =
            """
            int main(int argc, char **argv) {
                if (argc < 2) return 255;
                if (IS("sys")) {
                    long a[6] = {0};
                    for (int i = 0; i < 6 && i + 3 < argc; i++) a[i] = argument(argv[i + 3]);
                    long r = syscall(number(argv[2]), a[0], a[1], a[2], a[3], a[4], a[5]);
                    check(r, argv[2]);
                    printf("ok %ld\\n", r);
                } else if (IS("exit")) {
                    return atoi(argv[2]);
                } else if (IS("raise")) {
                    signal(atoi(argv[2]), SIG_DFL);
                    raise(atoi(argv[2]));
                } else if (IS("timer")) {
                    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL};
                    e.sigev_signo = atoi(argv[2]);
                    struct itimerspec soon = {.it_value = {.tv_nsec = 1000000}};
                    timer_t timer;
                    check(timer_create(CLOCK_MONOTONIC, &e, &timer), "timer_create");
                    check(timer_settime(timer, 0, &soon, NULL), "timer_settime");
                    for (;;) pause();
                } else if (IS("lowercpu")) {
                    struct rlimit limit;
                    check(getrlimit(RLIMIT_CPU, &limit), "getrlimit");
                    limit.rlim_cur = 1;
                    check(setrlimit(RLIMIT_CPU, &limit), "setrlimit");
                    for (volatile long i = 0;; i++) { }
                } else if (IS("segv")) {
                    *(volatile int *) 8 = 1;
                } else if (IS("sleep")) {
                    printf("sleeping\\n");
                    fflush(stdout);
                    for (;;) pause();
                } else if (IS("ignoring")) {
                    for (int i = 1; i < 32; i++) signal(i, SIG_IGN);
                    printf("ignoring\\n");
                    fflush(stdout);
                    for (;;) pause();
                } else if (IS("loop")) {
                    for (volatile long i = 0;; i++) { }
                } else if (IS("daemon")) {
                    daemonize();
                } else if (IS("daemons")) {
                    daemonize();
                    printf("sleeping\\n");
                    fflush(stdout);
                    for (;;) pause();
                } else if (IS("forkbomb")) {
                    for (;;) if (fork() < 0 && errno != EAGAIN) return errno;
                } else if (IS("forks")) {
                    int n = 0;
                    pid_t p = 0;
                    for (; n < atoi(argv[2]) && (p = fork()) > 0; n++) { }
                    if (p == 0 && n < atoi(argv[2])) for (;;) pause();
                    int error = errno;
                    printf("%d\\n", n);
                    fflush(stdout);
                    return p < 0 ? error : 0;
                } else if (IS("clone")) {
                    long p = syscall(SYS_clone, strtoul(argv[2], NULL, 0) | SIGCHLD, 0, 0, 0, 0);
                    check(p, "clone");
                    if (p == 0) _exit(0);
                    return reap(p) == 0 ? 0 : 255;
                } else if (IS("thread")) {
                    check(unshare(CLONE_FS | CLONE_FILES), "unshare");
                } else if (IS("int80")) {
            #ifdef __x86_64__
                    long r = 20;
                    __asm__ volatile("int $0x80" : "+a"(r) : : "memory");
                    printf("%ld\\n", r);
            #endif
                } else if (IS("x32")) {
                    check(syscall(0x40000000 | SYS_getpid), "x32");
                } else if (IS("open")) {
                    int flags = argc < 4 || *argv[3] == 'r' ? O_RDONLY
                                : *argv[3] == 'w' ? O_WRONLY : O_WRONLY | O_CREAT;
                    check(open(argv[2], flags, 0644), argv[2]);
                } else if (IS("read")) {
                    char byte;
                    int fd = open(argv[2], O_RDONLY);
                    check(fd, argv[2]);
                    long n = read(fd, &byte, 1);
                    check(n, "read");
                    printf("%ld\\n", n);
                } else if (IS("write")) {
                    int fd = open(argv[2], O_WRONLY);
                    check(fd, argv[2]);
                    check(write(fd, argv[3], strlen(argv[3])), "write");
                } else if (IS("create")) {
                    int fd = openat(AT_FDCWD, argv[2], O_WRONLY | O_CREAT | O_EXCL,
                                    (int) strtol(argv[3], NULL, 8));
                    check(fd, argv[2]);
                } else if (IS("openat2")) {
                    uint64_t how[3] = {O_WRONLY | O_CREAT, strtoul(argv[3], NULL, 8), 0};
                    check(syscall(437, AT_FDCWD, argv[2], how, sizeof how), argv[2]);
                } else if (IS("tmpfile")) {
                    char link[64];
                    int fd = open(argv[2], O_TMPFILE | O_WRONLY, (int) strtol(argv[3], NULL, 8));
                    check(fd, "O_TMPFILE");
                    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
                    check(linkat(AT_FDCWD, link, AT_FDCWD, argv[4], AT_SYMLINK_FOLLOW), "linkat");
                } else if (IS("mode")) {
                    struct stat s;
                    check(lstat(argv[2], &s), argv[2]);
                    printf("%o %d:%d ", s.st_mode & 07777, s.st_uid, s.st_gid);
                    printf("%ld\\n", (long) s.st_size);
                } else if (IS("fill")) {
                    int fd = open(argv[2], O_WRONLY | O_CREAT, 0644);
                    check(fd, argv[2]);
                    check(flood(fd, atol(argv[3])), "write");
                } else if (IS("files")) {
                    char path[4096];
                    for (int i = 0; i < atoi(argv[3]); i++) {
                        snprintf(path, sizeof path, "%s/%d", argv[2], i);
                        int fd = open(path, O_WRONLY | O_CREAT, 0644);
                        check(fd, "create");
                        close(fd);
                    }
                } else if (IS("flood")) {
                    signal(SIGPIPE, SIG_IGN);
                    check(flood(atoi(argv[2]), atol(argv[3])), "write");
                } else if (IS("fds")) {
                    for (int i = 0; i < 4096; i++) if (fcntl(i, F_GETFD) >= 0) printf("%d ", i);
                    printf("\\n");
                } else if (IS("writefd")) {
                    for (int i = 2; i < argc; i++)
                        check(write(atoi(argv[i]), argv[i], strlen(argv[i])), argv[i]);
                } else if (IS("connect4")) {
                    check(connectTo(AF_INET, atoi(argv[2])), "connect");
                } else if (IS("bind4")) {
                    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
                    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                    int fd = socket(AF_INET, SOCK_STREAM, 0);
                    check(bind(fd, (void *) &a, sizeof a), "bind");
                    check(listen(fd, 1), "listen");
                } else if (IS("listen4")) {
                    int fd = socket(AF_INET, SOCK_STREAM, 0);
                    check(listen(fd, 1), "listen");
                } else if (IS("fastopen")) {
                    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
                    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                    int fd = socket(AF_INET, SOCK_STREAM, 0);
                    check(sendto(fd, "x", 1, MSG_FASTOPEN, (void *) &a, sizeof a), "sendto");
                } else if (IS("udp")) {
                    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
                    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                    int fd = socket(AF_INET, SOCK_DGRAM, 0);
                    check(sendto(fd, "x", 1, 0, (void *) &a, sizeof a), "sendto");
                } else if (IS("pair")) {
                    int pair[2];
                    check(socketpair(AF_UNIX, atoi(argv[2]), 0, pair), "socketpair");
                    check(write(pair[0], "x", 1), "write");
                } else if (IS("chmod")) {
                    check(chmod(argv[2], 0600), argv[2]);
                } else if (IS("rename")) {
                    check(rename(argv[2], argv[3]), argv[2]);
                } else if (IS("deep")) {
                    /* Directories in each other, closed to everyone, with names that are no text. */
                    for (int i = 0; i < atoi(argv[2]); i++) {
                        check(mkdir("\\xff\\xfe", 0300), "mkdir");
                        check(chdir("\\xff\\xfe"), "chdir");
                        check(symlink(argv[3], "link"), "symlink");
                        int fd = open("file", O_CREAT | O_WRONLY, 0);
                        check(fd, "open");
                        close(fd);
                        int up = open("..", O_RDONLY);
                        fchmod(up, i == 0 ? 0500 : 0100);
                        close(up);
                    }
                } else if (IS("killchild")) {
                    pid_t child = fork();
                    if (child == 0) for (;;) pause();
                    check(kill(child, SIGTERM), "kill");
                    return WTERMSIG(reap(child)) == SIGTERM ? 0 : 255;
                } else if (IS("reopen")) {
                    char path[64], byte;
                    snprintf(path, sizeof path, "/proc/self/fd/%s", argv[2]);
                    check(pread(atoi(argv[2]), &byte, 1, 0), "pread");
                    printf("%c", byte);
                    fflush(stdout);
                    check(open(path, O_RDWR), path);
                } else if (IS("loopback")) {
                    loopback(AF_INET);
                    loopback(AF_INET6);
                } else if (IS("connectun")) {
                    struct sockaddr_un a;
                    socklen_t length = address(&a, argv[2]);
                    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
                    check(connect(fd, (void *) &a, length), argv[2]);
                } else if (IS("listenun")) {
                    struct sockaddr_un a;
                    socklen_t length = address(&a, argv[2]);
                    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
                    check(bind(fd, (void *) &a, length), argv[2]);
                    check(listen(fd, 1), "listen");
                    chmod(argv[2], 0777);
                    printf("listening\\n");
                    fflush(stdout);
                    int peer = accept(fd, NULL, NULL), passed = -1;
                    char control[64] = {0};
                    struct msghdr m = message(&passed, control);
                    check(recvmsg(peer, &m, 0), "recvmsg");
                    printf("received\\n");
                    fflush(stdout);
                    for (;;) pause();
                } else if (IS("sendfd")) {
                    struct sockaddr_un a;
                    socklen_t length = address(&a, argv[2]);
                    int fd = socket(AF_UNIX, SOCK_STREAM, 0), passed = atoi(argv[3]);
                    check(connect(fd, (void *) &a, length), argv[2]);
                    char control[64] = {0};
                    struct msghdr m = message(&passed, control);
                    check(sendmsg(fd, &m, 0), "sendmsg");
                } else if (IS("shm")) {
                    int flags = argc > 3 ? IPC_CREAT | IPC_EXCL | 0666 : 0;
                    int id = shmget(atoi(argv[2]), 4096, flags);
                    check(id, "shmget");
                    if (argc > 3 && *argv[3] == 'd') check(shmctl(id, IPC_RMID, NULL), "rmid");
                    printf("%d\\n", id);
                } else if (IS("shmrm")) {
                    int id = shmget(atoi(argv[2]), 4096, 0);
                    check(id, "shmget");
                    check(shmctl(id, IPC_RMID, NULL), "rmid");
                } else if (IS("mq")) {
                    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
                    int flags = argc > 3 ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY;
                    check(mq_open(argv[2], flags, 0666, &attr), "mq_open");
                } else if (IS("mqrm")) {
                    check(mq_unlink(argv[2]), "mq_unlink");
                } else if (IS("clock")) {
                    struct timespec t;
                    check(clock_gettime(atoi(argv[2]), &t), "clock_gettime");
                    printf("%ld\\n", (long) t.tv_sec);
                } else if (IS("traceme")) {
                    check(ptrace(PTRACE_TRACEME, 0, 0, 0), "traceme");
                } else if (IS("attach")) {
                    check(ptrace(PTRACE_SEIZE, atoi(argv[2]), 0, 0), "seize");
                } else if (IS("attachchild")) {
                    pid_t child = fork();
                    if (child == 0) for (;;) pause();
                    check(ptrace(PTRACE_SEIZE, child, 0, 0), "seize");
                    kill(child, SIGKILL);
                } else if (IS("vmread")) {
                    char byte;
                    struct iovec local = {&byte, 1}, remote = {argv, 1};
                    check(process_vm_readv(atoi(argv[2]), &local, 1, &remote, 1, 0), "readv");
                } else if (IS("getfd")) {
                    int pid = atoi(argv[2]);
                    int pidfd = syscall(434, pid ? pid : getpid(), 0);
                    check(pidfd, "pidfd_open");
                    check(syscall(438, pidfd, atoi(argv[3]), 0), "pidfd_getfd");
                } else if (IS("signals")) {
                    for (int i = 1; i < 65; i++) kill(atoi(argv[2]), i);
                    sleep(0);
                } else if (IS("stop")) {
                    printf("stopping\\n");
                    fflush(stdout);
                    raise(SIGSTOP);
                } else if (IS("escape")) {
                    /* The classical way out of a chroot, without the chroot that is refused. */
                    mkdir("/tmp/below", 0755);
                    int root = open("/", O_RDONLY | O_DIRECTORY);
                    chroot("/tmp/below");
                    check(fchdir(root), "fchdir");
                    for (int i = 0; i < 64; i++) check(chdir(".."), "chdir");
                    char cwd[4096];
                    check(getcwd(cwd, sizeof cwd) ? 0 : -1, "getcwd");
                    printf("%s\\n", cwd);
                } else if (IS("argv0")) {
                    printf("%s", argv[0]);
                } else if (IS("env")) {
                    for (char **e = environ; *e; e++) printf("%s\\n", *e);
                } else {
                    return otherAct(argc, argv);
                }
                return 0;
            }
            """;
}
