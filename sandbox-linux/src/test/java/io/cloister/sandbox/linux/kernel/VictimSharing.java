package io.cloister.sandbox.linux.kernel;

/// The acts of the victim that reach for what another sandbox has.
final class VictimSharing {

    private VictimSharing() {}

    static final String TEXT =
            """
            #include <dirent.h>

            /* At the same address in every process of this program, which is not relocated. */
            static char secret[64] = "nothing";

            static int sharingAct(int argc, char **argv) {
                if (IS("serve4")) {
                    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
                    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                    int fd = socket(AF_INET, SOCK_STREAM, 0);
                    check(bind(fd, (void *) &a, sizeof a), "bind");
                    check(listen(fd, 8), "listen");
                    printf("ready\\n");
                    fflush(stdout);
                    for (;;) close(accept(fd, NULL, NULL));
                } else if (IS("keep")) {
                    strncpy(secret, argv[2], sizeof secret - 1);
                    printf("%d\\n", getpid());
                    fflush(stdout);
                    for (;;) pause();
                } else if (IS("supervisor")) {
                    printf("%d\\n", getppid());
                } else if (IS("readmem")) {
                    char path[64], found[sizeof secret];
                    snprintf(path, sizeof path, "/proc/%s/mem", argv[2]);
                    int fd = open(path, O_RDONLY);
                    check(fd, path);
                    check(pread(fd, found, sizeof found, (off_t) secret), "pread");
                    printf("%s\\n", found);
                } else if (IS("vmpeek")) {
                    char found[sizeof secret];
                    struct iovec local = {found, sizeof found}, remote = {secret, sizeof secret};
                    check(process_vm_readv(atoi(argv[2]), &local, 1, &remote, 1, 0), "readv");
                    printf("%s\\n", found);
                } else if (IS("hunt")) {
                    /* Enters the root directory of every process that it can, all the time. */
                    long entered = 0, refused = 0, foreign = 0;
                    printf("hunting\\n");
                    fflush(stdout);
                    for (time_t end = time(NULL) + atoi(argv[2]); time(NULL) < end;) {
                        DIR *d = opendir("/proc");
                        for (struct dirent *e; (e = readdir(d));) {
                            char path[300];
                            snprintf(path, sizeof path, "/proc/%s/root/victim", e->d_name);
                            if (*e->d_name < '1' || *e->d_name > '9') continue;
                            if (access(path, F_OK) == 0) {
                                entered++;
                                continue;
                            }
                            int error = errno;
                            refused += error == EACCES;
                            snprintf(path, sizeof path, "/proc/%s/root/.", e->d_name);
                            foreign += error == ENOENT && access(path, F_OK) == 0;
                        }
                        closedir(d);
                    }
                    printf("%d %d %ld\\n", entered > 0, refused > 0, foreign);
                } else if (IS("sethost")) {
                    check(sethostname("taken", 5), "sethostname");
                } else {
                    return 255;
                }
                return 0;
            }

            """;
}
