package io.cloister.sandbox.linux.kernel;

/// The program of a hostile user of a pool. Each act leaves one thing; the program exits with 0 if
/// that worked, else with the error number. What it leaves running is bounded in number and time.
/// The act `look` prints what can be seen of others.
final class HostileSource {

    private HostileSource() {}

    static final String TEXT =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <dirent.h>
            #include <mqueue.h>
            #include <netinet/in.h>
            #include <arpa/inet.h>
            #include <sched.h>
            #include <signal.h>
            #include <stddef.h>
            #include <stdint.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <time.h>
            #include <unistd.h>
            #include <sys/eventfd.h>
            #include <sys/file.h>
            #include <sys/inotify.h>
            #include <sys/ioctl.h>
            #include <sys/mman.h>
            #include <sys/mount.h>
            #include <sys/msg.h>
            #include <sys/resource.h>
            #include <sys/sem.h>
            #include <sys/shm.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/time.h>
            #include <sys/timerfd.h>
            #include <sys/un.h>
            #include <sys/wait.h>
            #include <sys/xattr.h>
            #include <linux/fs.h>
            #include <linux/in6.h>

            #define IS(name) (!strcmp(act, name))

            static void check(long result, const char *what) {
                if (result < 0) {
                    int error = errno;
                    printf("%s: %s\\n", what, strerror(error));
                    fflush(stdout);
                    _exit(error);
                }
            }

            /* Goes on in a process of its own, detached from all; the first one waits until that
               has said that its act is done. */
            static int done[2];

            static void detach(void) {
                check(pipe(done), "pipe");
                pid_t child = fork();
                check(child, "fork");
                if (child > 0) {
                    char c = 1;
                    close(done[1]);
                    _exit(read(done[0], &c, 1) == 1 ? c : 250);
                }
                setsid();
                if (fork() > 0) _exit(0);
                for (int i = 1; i < 65; i++) signal(i, SIG_IGN);
            }

            static void stay(void) {
                char c = 0;
                check(write(done[1], &c, 1), "write");
                for (;;) pause();
            }

            static int make(const char *path) {
                int fd = open(path, O_RDWR | O_CREAT, 0600);
                check(fd, path);
                check(write(fd, "secret", 6), path);
                return fd;
            }

            static socklen_t named(struct sockaddr_un *a, const char *path) {
                memset(a, 0, sizeof *a);
                a->sun_family = AF_UNIX;
                strcpy(a->sun_path + (*path == '@'), path + (*path == '@'));
                return offsetof(struct sockaddr_un, sun_path) + strlen(path) + (*path != '@');
            }

            static void sendDescriptors(int socket, int *fds, int count) {
                char control[CMSG_SPACE(4 * sizeof(int))] = {0};
                struct iovec io = {"x", 1};
                struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control};
                m.msg_controllen = CMSG_SPACE(count * sizeof(int));
                struct cmsghdr *c = CMSG_FIRSTHDR(&m);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(count * sizeof(int));
                memcpy(CMSG_DATA(c), fds, count * sizeof(int));
                check(sendmsg(socket, &m, 0), "sendmsg");
            }

            static struct sockaddr_in loop(int port) {
                struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
                v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                return v4;
            }

            static int listener(int port) {
                struct sockaddr_in v4 = loop(port);
                int fd = socket(AF_INET, SOCK_STREAM, 0);
                check(fd, "socket");
                check(bind(fd, (void *) &v4, sizeof v4), "bind");
                check(listen(fd, 1), "listen");
                return fd;
            }

            static int files(const char *act) {
                if (IS("names")) {
                    char longest[NAME_MAX + 6] = "/tmp/";
                    memset(longest + 5, 'n', NAME_MAX);
                    close(make(longest));
                    close(make("/tmp/a\\nb"));
                    close(make("/tmp/\\377\\200"));
                    close(make("/dev/shm/ -rf *"));
                    check(symlink("/", "/tmp/root"), "symlink");
                    check(mkfifo("/tmp/fifo", 0), "mkfifo");
                } else if (IS("deep")) {
                    check(chdir("/tmp"), "chdir");
                    for (int i = 0; i < 400; i++) {
                        check(mkdir("dddddddddddddddddddddddddddddddd", 0700), "mkdir");
                        check(chdir("dddddddddddddddddddddddddddddddd"), "chdir");
                    }
                    close(make("bottom"));
                } else if (IS("links")) {
                    char name[64];
                    close(make("/tmp/one"));
                    for (int i = 0; i < 200; i++) {
                        sprintf(name, "/tmp/link-%d", i);
                        check(link("/tmp/one", name), "link");
                    }
                } else if (IS("sparse")) {
                    check(ftruncate(make("/tmp/sparse"), 1L << 40), "ftruncate");
                } else if (IS("closed")) {
                    check(mkdir("/tmp/closed", 0700), "mkdir");
                    close(make("/tmp/closed/f"));
                    check(chmod("/tmp/closed/f", 0), "chmod");
                    check(chmod("/tmp/closed", 0), "chmod");
                } else if (IS("held")) {
                    detach();
                    make("/tmp/held");
                    stay();
                } else if (IS("unlinked")) {
                    detach();
                    int fd = make("/tmp/unlinked");
                    check(ftruncate(fd, 1 << 20), "ftruncate");
                    check(posix_fallocate(fd, 0, 1 << 20) ? -1 : 0, "fallocate");
                    check(unlink("/tmp/unlinked"), "unlink");
                    stay();
                } else if (IS("mapped")) {
                    detach();
                    int fd = make("/dev/shm/mapped");
                    check(ftruncate(fd, 1 << 20), "ftruncate");
                    char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                    check(p == MAP_FAILED ? -1 : 0, "mmap");
                    memset(p, 'x', 1 << 20);
                    check(unlink("/dev/shm/mapped"), "unlink");
                    close(fd);
                    stay();
                } else if (IS("many")) {
                    char name[64];
                    for (int i = 0; i < 3000; i++) {
                        sprintf(name, "/tmp/many-%d", i);
                        close(make(name));
                    }
                } else if (IS("toomany")) {
                    char name[64];
                    for (int i = 0; i < 6000; i++) {
                        sprintf(name, "/tmp/many-%d", i);
                        close(make(name));
                    }
                } else if (IS("attributes")) {
                    check(fsetxattr(make("/tmp/attributed"), "user.word", "secret", 6, 0), "xattr");
                } else if (IS("shmopen")) {
                    check(ftruncate(shm_open("/secret", O_RDWR | O_CREAT, 0600), 4096), "shm_open");
                } else if (IS("times")) {
                    struct timespec t[2] = {{123456789, 1}, {987654321, 2}};
                    check(utimensat(AT_FDCWD, "/tmp", t, 0), "/tmp");
                    check(utimensat(AT_FDCWD, "/dev/shm", t, 0), "/dev/shm");
                } else return 0;
                return 1;
            }

            static int processes(const char *act) {
                if (IS("daemon")) {
                    detach();
                    stay();
                } else if (IS("forks")) {
                    /* A process that is never where it was: 20000 times at most. */
                    detach();
                    char c = 0;
                    check(write(done[1], &c, 1), "write");
                    time_t end = time(NULL) + 20;
                    for (int i = 0; i < 20000 && time(NULL) < end; i++)
                        if (fork() > 0) _exit(0);
                    _exit(0);
                } else if (IS("abstract") || IS("socketfile")) {
                    detach();
                    struct sockaddr_un a;
                    socklen_t length = named(&a, IS("abstract") ? "@secret" : "/tmp/socket");
                    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
                    check(bind(fd, (void *) &a, length), "bind");
                    check(listen(fd, 1), "listen");
                    stay();
                } else if (IS("flight")) {
                    /* Sockets that are nowhere but in each other, with a file and a listener. */
                    struct sockaddr_un a;
                    int pair[2], fds[4];
                    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
                    fds[0] = pair[0];
                    fds[1] = pair[1];
                    fds[2] = make("/tmp/inflight");
                    fds[3] = socket(AF_UNIX, SOCK_STREAM, 0);
                    socklen_t length = named(&a, "@inflight");
                    check(bind(fds[3], (void *) &a, length), "bind");
                    check(listen(fds[3], 1), "listen");
                    sendDescriptors(pair[0], fds, 4);
                    sendDescriptors(pair[1], fds, 4);
                } else if (IS("bound")) {
                    detach();
                    struct sockaddr_in v4 = loop(8081);
                    listener(8080);
                    check(bind(socket(AF_INET, SOCK_DGRAM, 0), (void *) &v4, sizeof v4), "udp");
                    stay();
                } else if (IS("locks")) {
                    detach();
                    int fd = make("/tmp/locked");
                    check(flock(fd, LOCK_EX), "flock");
                    struct flock l = {.l_type = F_WRLCK};
                    check(fcntl(fd, F_OFD_SETLK, &l), "lock");
                    stay();
                } else if (IS("watches")) {
                    detach();
                    check(inotify_add_watch(inotify_init(), "/tmp", IN_ALL_EVENTS), "inotify");
                    struct itimerspec t = {.it_value = {1000, 0}};
                    check(timerfd_settime(timerfd_create(CLOCK_MONOTONIC, 0), 0, &t, NULL), "timer");
                    check(eventfd(1, 0), "eventfd");
                    check(ftruncate(memfd_create("secret", 0), 1 << 20), "memfd");
                    check(setitimer(ITIMER_REAL, &(struct itimerval) {{1, 0}, {1, 0}}, 0), "itimer");
                    stay();
                } else if (IS("terminal")) {
                    detach();
                    int fd = posix_openpt(O_RDWR | O_NOCTTY), lock = 0;
                    check(fd, "posix_openpt");
                    check(ioctl(fd, TIOCSPTLCK, &lock), "unlock");
                    check(open(ptsname(fd), O_RDWR | O_NOCTTY), "slave");
                    check(write(fd, "secret", 6), "write");
                    stay();
                } else if (IS("oom")) {
                    detach();
                    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
                    check(write(fd, "1000", 4), "oom_score_adj");
                    stay();
                } else return 0;
                return 1;
            }

            static int marks(const char *act) {
                if (IS("chmod")) {
                    check(chmod("/tmp", 0700), "/tmp");
                } else if (IS("chmodshm")) {
                    check(chmod("/dev/shm", 0), "/dev/shm");
                } else if (IS("xattr")) {
                    check(setxattr("/tmp", "user.word", "secret", 6, 0), "/tmp");
                } else if (IS("acl")) {
                    /* struct posix_acl_xattr_header { 2 }, entries { tag, permissions, id } */
                    struct { uint32_t version; struct { uint16_t tag, perm; uint32_t id; } e[4]; }
                        acl = {2, {{1, 7, -1}, {4, 7, -1}, {16, 7, -1}, {32, 7, -1}}};
                    size_t size = sizeof acl;
                    check(setxattr("/tmp", "system.posix_acl_default", &acl, size, 0), "/tmp");
                } else if (IS("chattr")) {
                    int fd = open("/tmp", O_RDONLY), flags = FS_NODUMP_FL;
                    check(ioctl(fd, FS_IOC_SETFLAGS, &flags), "/tmp");
                } else if (IS("shm")) {
                    check(shmget(1, 4096, IPC_CREAT | 0600), "shmget");
                } else if (IS("sem")) {
                    check(semget(1, 1, IPC_CREAT | 0600), "semget");
                } else if (IS("msg")) {
                    struct { long type; char text[7]; } m = {1, "secret"};
                    int id = msgget(1, IPC_CREAT | 0600);
                    check(id, "msgget");
                    check(msgsnd(id, &m, 7, 0), "msgsnd");
                } else if (IS("shmgone")) {
                    int id = shmget(IPC_PRIVATE, 4096, 0600);
                    check(id, "shmget");
                    check(shmctl(id, IPC_RMID, 0), "shmctl");
                } else if (IS("msgaround")) {
                    /* One stays. Then the numbers go around until the next is what it was. */
                    struct { long type; char text[7]; } m = {1, "secret"};
                    int first = msgget(IPC_PRIVATE, 0600), id = -1;
                    check(first, "msgget");
                    check(msgctl(first, IPC_RMID, 0), "msgctl");
                    int kept = msgget(1, IPC_CREAT | 0600);
                    check(msgsnd(kept, &m, 7, 0), "msgsnd");
                    for (long i = 0; i < 5L << 20 && id != first - 1; i++) {
                        id = msgget(IPC_PRIVATE, 0600);
                        check(id, "msgget");
                        check(msgctl(id, IPC_RMID, 0), "msgctl");
                    }
                    if (id != first - 1) return 0;
                } else if (IS("mqueue")) {
                    mqd_t q = mq_open("/secret", O_RDWR | O_CREAT, 0600, NULL);
                    check(q, "mq_open");
                    check(mq_send(q, "secret", 6, 0), "mq_send");
                } else if (IS("tcp")) {
                    struct sockaddr_in v4 = loop(8082);
                    int fd = listener(8082), peer = socket(AF_INET, SOCK_STREAM, 0);
                    check(connect(peer, (void *) &v4, sizeof v4), "connect");
                    close(peer); /* TIME_WAIT */
                } else if (IS("udp")) {
                    struct sockaddr_in v4 = loop(8083);
                    int fd = socket(AF_INET, SOCK_DGRAM, 0);
                    check(sendto(fd, "x", 1, 0, (void *) &v4, sizeof v4), "sendto");
                } else if (IS("unreachable")) {
                    struct sockaddr_in v4 = loop(8084);
                    v4.sin_addr.s_addr = htonl(0x0a000001);
                    int fd = socket(AF_INET, SOCK_STREAM, 0);
                    if (connect(fd, (void *) &v4, sizeof v4) == 0 || errno != ENETUNREACH) return 0;
                } else if (IS("flowlabel")) {
                    struct in6_flowlabel_req r = {.flr_label = htonl(0x12345)};
                    r.flr_action = IPV6_FL_A_GET;
                    r.flr_flags = IPV6_FL_F_CREATE;
                    r.flr_share = IPV6_FL_S_ANY;
                    r.flr_linger = 60;
                    r.flr_expires = 60;
                    r.flr_dst.s6_addr[15] = 1;
                    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
                    check(fd, "socket");
                    check(setsockopt(fd, SOL_IPV6, IPV6_FLOWLABEL_MGR, &r, sizeof r), "flow label");
                } else return 0;
                return 1;
            }

            static int attempts(const char *act, int target) {
                if (IS("hostname")) {
                    check(sethostname("secret", 6), "sethostname");
                } else if (IS("mount")) {
                    check(mount("none", "/tmp", "tmpfs", 0, ""), "mount");
                } else if (IS("userns")) {
                    check(unshare(CLONE_NEWUSER), "unshare");
                } else if (IS("prlimit")) {
                    struct rlimit l = {10, 10};
                    check(prlimit(target, RLIMIT_NOFILE, &l, NULL), "prlimit");
                } else if (IS("nice")) {
                    check(setpriority(PRIO_PROCESS, target, 19), "setpriority");
                } else if (IS("niceuser")) {
                    check(setpriority(target ? PRIO_USER : PRIO_PROCESS, 0, 18), "setpriority");
                } else if (IS("affinity")) {
                    cpu_set_t set;
                    CPU_ZERO(&set);
                    CPU_SET(0, &set);
                    check(sched_setaffinity(target, sizeof set, &set), "sched_setaffinity");
                } else if (IS("batch")) {
                    struct sched_param none = {0};
                    check(sched_setscheduler(target, SCHED_BATCH, &none), "sched_setscheduler");
                } else if (IS("ioprio")) {
                    check(syscall(SYS_ioprio_set, 1, target, 3 << 13), "ioprio_set");
                } else if (IS("oomfirst")) {
                    int fd = open("/proc/1/oom_score_adj", O_WRONLY);
                    check(fd, "oom_score_adj");
                    check(write(fd, "1000", 4), "oom_score_adj");
                } else if (IS("addkey")) {
                    check(syscall(SYS_add_key, "user", "word", "secret", 6, -4), "add_key");
                } else if (IS("keyctl")) {
                    check(syscall(SYS_keyctl, 0, -4, 1), "keyctl"); /* of the user's keyring */
                } else if (IS("persistent")) {
                    check(syscall(SYS_keyctl, 22, -1, -3), "keyctl");
                } else if (IS("requestkey")) {
                    int r = syscall(SYS_request_key, "keyring", "_uid.none", NULL, -4);
                    check(r < 0 && errno == ENOKEY ? 0 : r, "request_key");
                } else if (IS("msgmax")) {
                    check(open("/proc/sys/kernel/msgmax", O_WRONLY), "msgmax");
                } else if (IS("netsetting")) {
                    check(open("/proc/sys/net/ipv4/ip_default_ttl", O_WRONLY), "ttl");
                } else if (IS("pattern")) {
                    check(open("/proc/sys/kernel/core_pattern", O_WRONLY), "core_pattern");
                } else if (IS("ptmx")) {
                    check(chmod("/dev/pts/ptmx", 0), "ptmx");
                } else if (IS("ptsdirectory")) {
                    check(chmod("/dev/pts", 0), "/dev/pts");
                } else if (IS("mqdirectory")) {
                    check(chmod("/dev/mqueue", 0700), "/dev/mqueue");
                } else if (IS("devnull")) {
                    check(chmod("/dev/null", 0), "/dev/null");
                } else if (IS("lease")) {
                    check(fcntl(make("/tmp/leased"), F_SETLEASE, F_WRLCK), "lease");
                } else if (IS("iouring")) {
                    char params[120] = {0};
                    check(syscall(425, 2, params), "io_uring_setup");
                } else if (IS("userfaultfd")) {
                    check(syscall(SYS_userfaultfd, 1), "userfaultfd");
                } else if (IS("perf")) {
                    uint32_t attributes[32] = {1, 112, 0};
                    check(syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0), "perf_event_open");
                } else if (IS("bpf")) {
                    uint32_t attributes[32] = {2, 4, 4, 1};
                    check(syscall(SYS_bpf, 0, attributes, sizeof attributes), "bpf");
                } else if (IS("fanotify")) {
                    check(syscall(SYS_fanotify_init, 0x200, 0), "fanotify_init");
                } else return 0;
                return 1;
            }

            static void list(const char *path) {
                struct stat s;
                DIR *d = opendir(path);
                printf("%s", path);
                if (!d) printf(" %s", strerror(errno));
                for (struct dirent *e; d && (e = readdir(d));)
                    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) printf(" %s", e->d_name);
                if (d) closedir(d);
                int flags = 0, fd = open(path, O_RDONLY);
                ioctl(fd, FS_IOC_GETFLAGS, &flags);
                close(fd);
                long names = listxattr(path, NULL, 0);
                if (!stat(path, &s))
                    printf(" mode %o %d:%d xattr %ld flags %x old %d\\n", s.st_mode, s.st_uid,
                        s.st_gid, names, flags, s.st_mtime < 1000000000);
            }

            static void copy(const char *path) {
                char line[4096];
                FILE *f = fopen(path, "r");
                while (f && fgets(line, sizeof line, f)) printf("%s: %s", path, line);
                if (f) fclose(f);
            }

            /* The first process, supervisors, and what stands by for the next command. */
            static int ours(const char *pid) {
                char path[64], name[32] = {0};
                snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
                FILE *f = fopen(path, "r");
                if (!f) return 1; /* gone */
                fgets(name, sizeof name, f);
                fclose(f);
                return !strcmp(name, "cloister\\n");
            }

            static void look(void) {
                char name[65] = {0};
                struct stat s;
                list("/tmp");
                list("/dev/shm");
                list("/dev/mqueue");
                list("/dev/pts");
                if (!stat("/dev/pts/ptmx", &s)) printf("ptmx %o\\n", s.st_mode);
                int others = 0;
                DIR *d = opendir("/proc");
                for (struct dirent *e; (e = readdir(d));)
                    if (atoi(e->d_name) > 0) others += !ours(e->d_name);
                closedir(d);
                printf("processes %d\\n", others);
                struct shm_info shm = {0};
                struct seminfo sem = {0};
                struct msginfo msg = {0};
                shmctl(0, SHM_INFO, (void *) &shm);
                semctl(0, 0, SEM_INFO, &sem);
                msgctl(0, MSG_INFO, (void *) &msg);
                printf("ipc %d %d %d\\n", shm.used_ids, sem.semusz, msg.msgpool);
                printf("queue %d\\n", mq_open("/secret", O_RDONLY) < 0 ? errno : 0);
                gethostname(name, 64);
                printf("name %s nice %d ioprio %ld policy %d\\n", name, getpriority(PRIO_PROCESS, 0),
                    syscall(SYS_ioprio_get, 1, 0), sched_getscheduler(0));
                cpu_set_t set;
                sched_getaffinity(0, sizeof set, &set);
                printf("cpus %d\\n", CPU_COUNT(&set));
                copy("/proc/self/oom_score_adj");
                copy("/proc/self/limits");
                copy("/proc/1/limits");
                copy("/proc/net/unix");
                copy("/proc/net/tcp");
                copy("/proc/net/udp");
                copy("/proc/net/snmp");
                copy("/proc/net/dev");
                copy("/proc/net/ip6_flowlabel");
                copy("/proc/sys/kernel/msgmax");
                copy("/proc/sys/net/ipv4/ip_default_ttl");
            }

            int main(int argc, char **argv) {
                const char *act = argv[1];
                if (IS("look")) {
                    look();
                    return 0;
                }
                int known = files(act) || processes(act) || marks(act)
                    || attempts(act, argc > 2 ? atoi(argv[2]) : 1);
                return known ? 0 : 251;
            }
            """;
}
