package io.cloister.sandbox.linux.kernel;

/// The acts of the victim that need a privilege, or that a protection refuses.
final class VictimPrivileges {

    private VictimPrivileges() {}

    static final String TEXT =
            """
            #include <dirent.h>
            #include <sys/mman.h>

            static void listDirectory(const char *path) {
                DIR *d = opendir(path);
                check(d ? 0 : -1, path);
                for (struct dirent *e; (e = readdir(d));)
                    if (e->d_name[0] != '.') printf("%s\\n", e->d_name);
            }

            static int otherAct(int argc, char **argv) {
                size_t page = sysconf(_SC_PAGESIZE);
                int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
                if (IS("bind4")) {
                    struct sockaddr_in v4 = {.sin_family = AF_INET};
                    v4.sin_port = htons(atoi(argv[2]));
                    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                    int fd = socket(AF_INET, SOCK_STREAM, 0);
                    check(fd, "socket");
                    check(bind(fd, (void *) &v4, sizeof v4), "bind");
                } else if (IS("fchmod")) {
                    int fd = open(argv[2], O_RDONLY);
                    check(fd, argv[2]);
                    check(fchmod(fd, 0600), "fchmod");
                } else if (IS("bindpair")) {
                    struct sockaddr_un a;
                    int pair[2];
                    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
                    socklen_t length = address(&a, argv[2]);
                    check(bind(pair[0], (void *) &a, length), argv[2]);
                } else if (IS("flee")) {
                    /* Processes that are never where they were; each line ends after 20 s. */
                    time_t end = time(NULL) + 20;
                    for (int i = 0; i < atoi(argv[2]); i++)
                        if (fork() == 0) {
                            prctl(PR_SET_CHILD_SUBREAPER, i % 2);
                            prctl(PR_SET_DUMPABLE, 0);
                            setsid();
                            while (time(NULL) < end) if (fork() > 0) _exit(0);
                            _exit(0);
                        }
                } else if (IS("mapexecutable")) {
                    void *p = mmap(NULL, page, PROT_READ | PROT_EXEC, anonymous, -1, 0);
                    check(p == MAP_FAILED ? -1 : 0, "mmap");
                } else if (IS("mapboth")) {
                    int both = PROT_READ | PROT_WRITE | PROT_EXEC;
                    void *p = mmap(NULL, page, both, anonymous, -1, 0);
                    check(p == MAP_FAILED ? -1 : 0, "mmap");
                } else if (IS("gain")) {
                    void *p = mmap(NULL, page, PROT_READ | PROT_WRITE, anonymous, -1, 0);
                    check(p == MAP_FAILED ? -1 : 0, "mmap");
                    check(mprotect(p, page, PROT_READ | PROT_EXEC), "mprotect");
                } else if (IS("clone3")) {
                    uint64_t args[8] = {strtoul(argv[2], NULL, 0), 0, 0, 0, SIGCHLD};
                    long p = syscall(435, args, sizeof args);
                    check(p, "clone3");
                    if (p == 0) _exit(0);
                    return reap(p) == 0 ? 0 : 255;
                } else if (IS("uncounted")) {
                    /* Lifts the count of user namespaces, which must be 0; then the other act. */
                    char count[2] = {0};
                    int fd = open("/proc/sys/user/max_user_namespaces", O_RDWR);
                    check(fd, "max_user_namespaces");
                    check(read(fd, count, 1), "read");
                    if (count[0] != '0') return 250;
                    check(pwrite(fd, "1000", 4, 0), "write");
                    execv("/proc/self/exe", argv + 1);
                    check(-1, "execv");
                } else if (IS("enter")) {
                    /* From the host: what the root of a sandbox's mount namespace has. */
                    char path[64];
                    int fd[2];
                    const char *kind[] = {"user", "mnt"};
                    for (int i = 0; i < 2; i++) {
                        snprintf(path, sizeof path, "/proc/%s/ns/%s", argv[2], kind[i]);
                        fd[i] = open(path, O_RDONLY);
                        check(fd[i], path);
                    }
                    for (int i = 0; i < 2; i++) check(setns(fd[i], 0), kind[i]);
                    listDirectory("/");
                } else if (IS("become")) {
                    check(setresuid(atoi(argv[2]), atoi(argv[2]), atoi(argv[2])), "setresuid");
                    execv(argv[3], argv + 3);
                    check(-1, argv[3]);
                } else if (IS("cookie")) {
                    unsigned long cookie = 0;
                    check(prctl(62, 0, 0, 0, &cookie), "PR_SCHED_CORE_GET");
                    printf("%lx\\n", cookie);
                } else if (IS("breakout")) {
                    /* The classical way out of a chroot, then a look around. */
                    mkdir("/tmp/below", 0755);
                    int root = open("/", O_RDONLY | O_DIRECTORY);
                    check(chroot("/tmp/below"), "chroot");
                    check(fchdir(root), "fchdir");
                    for (int i = 0; i < 64; i++) check(chdir(".."), "chdir");
                    listDirectory(".");
                    check(open("made", O_WRONLY | O_CREAT, 0600), "create");
                } else {
                    return sharingAct(argc, argv);
                }
                return 0;
            }

            """;
}
