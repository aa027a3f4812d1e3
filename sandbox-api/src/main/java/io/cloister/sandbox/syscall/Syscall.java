package io.cloister.sandbox.syscall;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The system calls of Linux on 64-bit CPUs, x86-64 and aarch64, up to Linux 7.0. Some exist on one
/// of the two alone, and some in no kernel any more; their numbers stay theirs.
///
/// The versions are those of syscalls(2), and for later calls those of the kernel's own history.
public enum Syscall {
    /// accept(2), since Linux 2.0.
    ACCEPT("2.0"),
    /// accept4(2), since Linux 2.6.28.
    ACCEPT4("2.6.28"),
    /// access(2), since Linux 1.0.
    ACCESS("1.0"),
    /// acct(2), since Linux 1.0.
    ACCT("1.0"),
    /// add_key(2), since Linux 2.6.10.
    ADD_KEY("2.6.10"),
    /// adjtimex(2), since Linux 1.0.
    ADJTIMEX("1.0"),
    /// afs_syscall(2), which no kernel ever had.
    AFS_SYSCALL(),
    /// alarm(2), since Linux 1.0.
    ALARM("1.0"),
    /// arch_prctl(2), since Linux 2.6.
    ARCH_PRCTL("2.6"),
    /// bind(2), since Linux 2.0.
    BIND("2.0"),
    /// bpf(2), since Linux 3.18.
    BPF("3.18"),
    /// brk(2), since Linux 1.0.
    BRK("1.0"),
    /// cachestat(2), since Linux 6.5.
    CACHESTAT("6.5"),
    /// capget(2), since Linux 2.2.
    CAPGET("2.2"),
    /// capset(2), since Linux 2.2.
    CAPSET("2.2"),
    /// chdir(2), since Linux 1.0.
    CHDIR("1.0"),
    /// chmod(2), since Linux 1.0.
    CHMOD("1.0"),
    /// chown(2), since Linux 2.2.
    CHOWN("2.2"),
    /// chroot(2), since Linux 1.0.
    CHROOT("1.0"),
    /// clock_adjtime(2), since Linux 2.6.39.
    CLOCK_ADJTIME("2.6.39"),
    /// clock_getres(2), since Linux 2.6.
    CLOCK_GETRES("2.6"),
    /// clock_gettime(2), since Linux 2.6.
    CLOCK_GETTIME("2.6"),
    /// clock_nanosleep(2), since Linux 2.6.
    CLOCK_NANOSLEEP("2.6"),
    /// clock_settime(2), since Linux 2.6.
    CLOCK_SETTIME("2.6"),
    /// clone(2), since Linux 1.0.
    CLONE("1.0"),
    /// clone3(2), since Linux 5.3.
    CLONE3("5.3"),
    /// close(2), since Linux 1.0.
    CLOSE("1.0"),
    /// close_range(2), since Linux 5.9.
    CLOSE_RANGE("5.9"),
    /// connect(2), since Linux 2.0.
    CONNECT("2.0"),
    /// copy_file_range(2), since Linux 4.5.
    COPY_FILE_RANGE("4.5"),
    /// creat(2), since Linux 1.0.
    CREAT("1.0"),
    /// create_module(2), since Linux 1.0.
    CREATE_MODULE("1.0"),
    /// delete_module(2), since Linux 1.0.
    DELETE_MODULE("1.0"),
    /// dup(2), since Linux 1.0.
    DUP("1.0"),
    /// dup2(2), since Linux 1.0.
    DUP2("1.0"),
    /// dup3(2), since Linux 2.6.27.
    DUP3("2.6.27"),
    /// epoll_create(2), since Linux 2.6.
    EPOLL_CREATE("2.6"),
    /// epoll_create1(2), since Linux 2.6.27.
    EPOLL_CREATE1("2.6.27"),
    /// epoll_ctl(2), since Linux 2.6.
    EPOLL_CTL("2.6"),
    /// epoll_ctl_old(2), which no kernel ever had.
    EPOLL_CTL_OLD(),
    /// epoll_pwait(2), since Linux 2.6.19.
    EPOLL_PWAIT("2.6.19"),
    /// epoll_pwait2(2), since Linux 5.11.
    EPOLL_PWAIT2("5.11"),
    /// epoll_wait(2), since Linux 2.6.
    EPOLL_WAIT("2.6"),
    /// epoll_wait_old(2), which no kernel ever had.
    EPOLL_WAIT_OLD(),
    /// eventfd(2), since Linux 2.6.22.
    EVENTFD("2.6.22"),
    /// eventfd2(2), since Linux 2.6.27.
    EVENTFD2("2.6.27"),
    /// execve(2), since Linux 1.0.
    EXECVE("1.0"),
    /// execveat(2), since Linux 3.19.
    EXECVEAT("3.19"),
    /// exit(2), since Linux 1.0.
    EXIT("1.0"),
    /// exit_group(2), since Linux 2.6.
    EXIT_GROUP("2.6"),
    /// faccessat(2), since Linux 2.6.16.
    FACCESSAT("2.6.16"),
    /// faccessat2(2), since Linux 5.8.
    FACCESSAT2("5.8"),
    /// fadvise64(2), since Linux 2.6.
    FADVISE64("2.6"),
    /// fallocate(2), since Linux 2.6.23.
    FALLOCATE("2.6.23"),
    /// fanotify_init(2), since Linux 2.6.37.
    FANOTIFY_INIT("2.6.37"),
    /// fanotify_mark(2), since Linux 2.6.37.
    FANOTIFY_MARK("2.6.37"),
    /// fchdir(2), since Linux 1.0.
    FCHDIR("1.0"),
    /// fchmod(2), since Linux 1.0.
    FCHMOD("1.0"),
    /// fchmodat(2), since Linux 2.6.16.
    FCHMODAT("2.6.16"),
    /// fchmodat2(2), since Linux 6.6.
    FCHMODAT2("6.6"),
    /// fchown(2), since Linux 1.0.
    FCHOWN("1.0"),
    /// fchownat(2), since Linux 2.6.16.
    FCHOWNAT("2.6.16"),
    /// fcntl(2), since Linux 1.0.
    FCNTL("1.0"),
    /// fdatasync(2), since Linux 2.0.
    FDATASYNC("2.0"),
    /// fgetxattr(2), since Linux 2.6.
    FGETXATTR("2.6"),
    /// file_getattr(2), since Linux 6.17.
    FILE_GETATTR("6.17"),
    /// file_setattr(2), since Linux 6.17.
    FILE_SETATTR("6.17"),
    /// finit_module(2), since Linux 3.8.
    FINIT_MODULE("3.8"),
    /// flistxattr(2), since Linux 2.6.
    FLISTXATTR("2.6"),
    /// flock(2), since Linux 2.0.
    FLOCK("2.0"),
    /// fork(2), since Linux 1.0.
    FORK("1.0"),
    /// fremovexattr(2), since Linux 2.6.
    FREMOVEXATTR("2.6"),
    /// fsconfig(2), since Linux 5.2.
    FSCONFIG("5.2"),
    /// fsetxattr(2), since Linux 2.6.
    FSETXATTR("2.6"),
    /// fsmount(2), since Linux 5.2.
    FSMOUNT("5.2"),
    /// fsopen(2), since Linux 5.2.
    FSOPEN("5.2"),
    /// fspick(2), since Linux 5.2.
    FSPICK("5.2"),
    /// fstat(2), since Linux 1.0.
    FSTAT("1.0"),
    /// fstatfs(2), since Linux 1.0.
    FSTATFS("1.0"),
    /// fsync(2), since Linux 1.0.
    FSYNC("1.0"),
    /// ftruncate(2), since Linux 1.0.
    FTRUNCATE("1.0"),
    /// futex(2), since Linux 2.6.
    FUTEX("2.6"),
    /// futex_requeue(2), since Linux 6.7.
    FUTEX_REQUEUE("6.7"),
    /// futex_wait(2), since Linux 6.7.
    FUTEX_WAIT("6.7"),
    /// futex_waitv(2), since Linux 5.16.
    FUTEX_WAITV("5.16"),
    /// futex_wake(2), since Linux 6.7.
    FUTEX_WAKE("6.7"),
    /// futimesat(2), since Linux 2.6.16.
    FUTIMESAT("2.6.16"),
    /// get_kernel_syms(2), since Linux 1.0.
    GET_KERNEL_SYMS("1.0"),
    /// get_mempolicy(2), since Linux 2.6.6.
    GET_MEMPOLICY("2.6.6"),
    /// get_robust_list(2), since Linux 2.6.17.
    GET_ROBUST_LIST("2.6.17"),
    /// get_thread_area(2), since Linux 2.6.
    GET_THREAD_AREA("2.6"),
    /// getcpu(2), since Linux 2.6.19.
    GETCPU("2.6.19"),
    /// getcwd(2), since Linux 2.2.
    GETCWD("2.2"),
    /// getdents(2), since Linux 2.0.
    GETDENTS("2.0"),
    /// getdents64(2), since Linux 2.4.
    GETDENTS64("2.4"),
    /// getegid(2), since Linux 1.0.
    GETEGID("1.0"),
    /// geteuid(2), since Linux 1.0.
    GETEUID("1.0"),
    /// getgid(2), since Linux 1.0.
    GETGID("1.0"),
    /// getgroups(2), since Linux 1.0.
    GETGROUPS("1.0"),
    /// getitimer(2), since Linux 1.0.
    GETITIMER("1.0"),
    /// getpeername(2), since Linux 2.0.
    GETPEERNAME("2.0"),
    /// getpgid(2), since Linux 1.0.
    GETPGID("1.0"),
    /// getpgrp(2), since Linux 1.0.
    GETPGRP("1.0"),
    /// getpid(2), since Linux 1.0.
    GETPID("1.0"),
    /// getpmsg(2), which no kernel ever had.
    GETPMSG(),
    /// getppid(2), since Linux 1.0.
    GETPPID("1.0"),
    /// getpriority(2), since Linux 1.0.
    GETPRIORITY("1.0"),
    /// getrandom(2), since Linux 3.17.
    GETRANDOM("3.17"),
    /// getresgid(2), since Linux 2.2.
    GETRESGID("2.2"),
    /// getresuid(2), since Linux 2.2.
    GETRESUID("2.2"),
    /// getrlimit(2), since Linux 1.0.
    GETRLIMIT("1.0"),
    /// getrusage(2), since Linux 1.0.
    GETRUSAGE("1.0"),
    /// getsid(2), since Linux 2.0.
    GETSID("2.0"),
    /// getsockname(2), since Linux 2.0.
    GETSOCKNAME("2.0"),
    /// getsockopt(2), since Linux 2.0.
    GETSOCKOPT("2.0"),
    /// gettid(2), since Linux 2.4.11.
    GETTID("2.4.11"),
    /// gettimeofday(2), since Linux 1.0.
    GETTIMEOFDAY("1.0"),
    /// getuid(2), since Linux 1.0.
    GETUID("1.0"),
    /// getxattr(2), since Linux 2.6.
    GETXATTR("2.6"),
    /// getxattrat(2), since Linux 6.13.
    GETXATTRAT("6.13"),
    /// init_module(2), since Linux 1.0.
    INIT_MODULE("1.0"),
    /// inotify_add_watch(2), since Linux 2.6.13.
    INOTIFY_ADD_WATCH("2.6.13"),
    /// inotify_init(2), since Linux 2.6.13.
    INOTIFY_INIT("2.6.13"),
    /// inotify_init1(2), since Linux 2.6.27.
    INOTIFY_INIT1("2.6.27"),
    /// inotify_rm_watch(2), since Linux 2.6.13.
    INOTIFY_RM_WATCH("2.6.13"),
    /// io_cancel(2), since Linux 2.6.
    IO_CANCEL("2.6"),
    /// io_destroy(2), since Linux 2.6.
    IO_DESTROY("2.6"),
    /// io_getevents(2), since Linux 2.6.
    IO_GETEVENTS("2.6"),
    /// io_pgetevents(2), since Linux 4.18.
    IO_PGETEVENTS("4.18"),
    /// io_setup(2), since Linux 2.6.
    IO_SETUP("2.6"),
    /// io_submit(2), since Linux 2.6.
    IO_SUBMIT("2.6"),
    /// io_uring_enter(2), since Linux 5.1.
    IO_URING_ENTER("5.1"),
    /// io_uring_register(2), since Linux 5.1.
    IO_URING_REGISTER("5.1"),
    /// io_uring_setup(2), since Linux 5.1.
    IO_URING_SETUP("5.1"),
    /// ioctl(2), since Linux 1.0.
    IOCTL("1.0"),
    /// ioperm(2), since Linux 1.0.
    IOPERM("1.0"),
    /// iopl(2), since Linux 1.0.
    IOPL("1.0"),
    /// ioprio_get(2), since Linux 2.6.13.
    IOPRIO_GET("2.6.13"),
    /// ioprio_set(2), since Linux 2.6.13.
    IOPRIO_SET("2.6.13"),
    /// kcmp(2), since Linux 3.5.
    KCMP("3.5"),
    /// kexec_file_load(2), since Linux 3.17.
    KEXEC_FILE_LOAD("3.17"),
    /// kexec_load(2), since Linux 2.6.13.
    KEXEC_LOAD("2.6.13"),
    /// keyctl(2), since Linux 2.6.10.
    KEYCTL("2.6.10"),
    /// kill(2), since Linux 1.0.
    KILL("1.0"),
    /// landlock_add_rule(2), since Linux 5.13.
    LANDLOCK_ADD_RULE("5.13"),
    /// landlock_create_ruleset(2), since Linux 5.13.
    LANDLOCK_CREATE_RULESET("5.13"),
    /// landlock_restrict_self(2), since Linux 5.13.
    LANDLOCK_RESTRICT_SELF("5.13"),
    /// lchown(2), since Linux 1.0.
    LCHOWN("1.0"),
    /// lgetxattr(2), since Linux 2.6.
    LGETXATTR("2.6"),
    /// link(2), since Linux 1.0.
    LINK("1.0"),
    /// linkat(2), since Linux 2.6.16.
    LINKAT("2.6.16"),
    /// listen(2), since Linux 2.0.
    LISTEN("2.0"),
    /// listmount(2), since Linux 6.8.
    LISTMOUNT("6.8"),
    /// listns(2), since Linux 6.19.
    LISTNS("6.19"),
    /// listxattr(2), since Linux 2.6.
    LISTXATTR("2.6"),
    /// listxattrat(2), since Linux 6.13.
    LISTXATTRAT("6.13"),
    /// llistxattr(2), since Linux 2.6.
    LLISTXATTR("2.6"),
    /// lookup_dcookie(2), since Linux 2.6.
    LOOKUP_DCOOKIE("2.6"),
    /// lremovexattr(2), since Linux 2.6.
    LREMOVEXATTR("2.6"),
    /// lseek(2), since Linux 1.0.
    LSEEK("1.0"),
    /// lsetxattr(2), since Linux 2.6.
    LSETXATTR("2.6"),
    /// lsm_get_self_attr(2), since Linux 6.8.
    LSM_GET_SELF_ATTR("6.8"),
    /// lsm_list_modules(2), since Linux 6.8.
    LSM_LIST_MODULES("6.8"),
    /// lsm_set_self_attr(2), since Linux 6.8.
    LSM_SET_SELF_ATTR("6.8"),
    /// lstat(2), since Linux 1.0.
    LSTAT("1.0"),
    /// madvise(2), since Linux 2.4.
    MADVISE("2.4"),
    /// map_shadow_stack(2), since Linux 6.6.
    MAP_SHADOW_STACK("6.6"),
    /// mbind(2), since Linux 2.6.6.
    MBIND("2.6.6"),
    /// membarrier(2), since Linux 3.17.
    MEMBARRIER("3.17"),
    /// memfd_create(2), since Linux 3.17.
    MEMFD_CREATE("3.17"),
    /// memfd_secret(2), since Linux 5.14.
    MEMFD_SECRET("5.14"),
    /// migrate_pages(2), since Linux 2.6.16.
    MIGRATE_PAGES("2.6.16"),
    /// mincore(2), since Linux 2.4.
    MINCORE("2.4"),
    /// mkdir(2), since Linux 1.0.
    MKDIR("1.0"),
    /// mkdirat(2), since Linux 2.6.16.
    MKDIRAT("2.6.16"),
    /// mknod(2), since Linux 1.0.
    MKNOD("1.0"),
    /// mknodat(2), since Linux 2.6.16.
    MKNODAT("2.6.16"),
    /// mlock(2), since Linux 2.0.
    MLOCK("2.0"),
    /// mlock2(2), since Linux 4.4.
    MLOCK2("4.4"),
    /// mlockall(2), since Linux 2.0.
    MLOCKALL("2.0"),
    /// mmap(2), since Linux 1.0.
    MMAP("1.0"),
    /// modify_ldt(2), since Linux 1.0.
    MODIFY_LDT("1.0"),
    /// mount(2), since Linux 1.0.
    MOUNT("1.0"),
    /// mount_setattr(2), since Linux 5.12.
    MOUNT_SETATTR("5.12"),
    /// move_mount(2), since Linux 5.2.
    MOVE_MOUNT("5.2"),
    /// move_pages(2), since Linux 2.6.18.
    MOVE_PAGES("2.6.18"),
    /// mprotect(2), since Linux 1.0.
    MPROTECT("1.0"),
    /// mq_getsetattr(2), since Linux 2.6.6.
    MQ_GETSETATTR("2.6.6"),
    /// mq_notify(2), since Linux 2.6.6.
    MQ_NOTIFY("2.6.6"),
    /// mq_open(2), since Linux 2.6.6.
    MQ_OPEN("2.6.6"),
    /// mq_timedreceive(2), since Linux 2.6.6.
    MQ_TIMEDRECEIVE("2.6.6"),
    /// mq_timedsend(2), since Linux 2.6.6.
    MQ_TIMEDSEND("2.6.6"),
    /// mq_unlink(2), since Linux 2.6.6.
    MQ_UNLINK("2.6.6"),
    /// mremap(2), since Linux 2.0.
    MREMAP("2.0"),
    /// mseal(2), since Linux 6.10.
    MSEAL("6.10"),
    /// msgctl(2), since Linux 2.0.
    MSGCTL("2.0"),
    /// msgget(2), since Linux 2.0.
    MSGGET("2.0"),
    /// msgrcv(2), since Linux 2.0.
    MSGRCV("2.0"),
    /// msgsnd(2), since Linux 2.0.
    MSGSND("2.0"),
    /// msync(2), since Linux 2.0.
    MSYNC("2.0"),
    /// munlock(2), since Linux 2.0.
    MUNLOCK("2.0"),
    /// munlockall(2), since Linux 2.0.
    MUNLOCKALL("2.0"),
    /// munmap(2), since Linux 1.0.
    MUNMAP("1.0"),
    /// name_to_handle_at(2), since Linux 2.6.39.
    NAME_TO_HANDLE_AT("2.6.39"),
    /// nanosleep(2), since Linux 2.0.
    NANOSLEEP("2.0"),
    /// newfstatat(2), since Linux 2.6.16.
    NEWFSTATAT("2.6.16"),
    /// nfsservctl(2), since Linux 2.2.
    NFSSERVCTL("2.2"),
    /// open(2), since Linux 1.0.
    OPEN("1.0"),
    /// open_by_handle_at(2), since Linux 2.6.39.
    OPEN_BY_HANDLE_AT("2.6.39"),
    /// open_tree(2), since Linux 5.2.
    OPEN_TREE("5.2"),
    /// open_tree_attr(2), since Linux 6.15.
    OPEN_TREE_ATTR("6.15"),
    /// openat(2), since Linux 2.6.16.
    OPENAT("2.6.16"),
    /// openat2(2), since Linux 5.6.
    OPENAT2("5.6"),
    /// pause(2), since Linux 1.0.
    PAUSE("1.0"),
    /// perf_event_open(2), since Linux 2.6.31.
    PERF_EVENT_OPEN("2.6.31"),
    /// personality(2), since Linux 1.2.
    PERSONALITY("1.2"),
    /// pidfd_getfd(2), since Linux 5.6.
    PIDFD_GETFD("5.6"),
    /// pidfd_open(2), since Linux 5.3.
    PIDFD_OPEN("5.3"),
    /// pidfd_send_signal(2), since Linux 5.1.
    PIDFD_SEND_SIGNAL("5.1"),
    /// pipe(2), since Linux 1.0.
    PIPE("1.0"),
    /// pipe2(2), since Linux 2.6.27.
    PIPE2("2.6.27"),
    /// pivot_root(2), since Linux 2.4.
    PIVOT_ROOT("2.4"),
    /// pkey_alloc(2), since Linux 4.8.
    PKEY_ALLOC("4.8"),
    /// pkey_free(2), since Linux 4.8.
    PKEY_FREE("4.8"),
    /// pkey_mprotect(2), since Linux 4.8.
    PKEY_MPROTECT("4.8"),
    /// poll(2), since Linux 2.0.36.
    POLL("2.0.36"),
    /// ppoll(2), since Linux 2.6.16.
    PPOLL("2.6.16"),
    /// prctl(2), since Linux 2.2.
    PRCTL("2.2"),
    /// pread64(2), since Linux 2.2.
    PREAD64("2.2"),
    /// preadv(2), since Linux 2.6.30.
    PREADV("2.6.30"),
    /// preadv2(2), since Linux 4.6.
    PREADV2("4.6"),
    /// prlimit64(2), since Linux 2.6.36.
    PRLIMIT64("2.6.36"),
    /// process_madvise(2), since Linux 5.10.
    PROCESS_MADVISE("5.10"),
    /// process_mrelease(2), since Linux 5.15.
    PROCESS_MRELEASE("5.15"),
    /// process_vm_readv(2), since Linux 3.2.
    PROCESS_VM_READV("3.2"),
    /// process_vm_writev(2), since Linux 3.2.
    PROCESS_VM_WRITEV("3.2"),
    /// pselect6(2), since Linux 2.6.16.
    PSELECT6("2.6.16"),
    /// ptrace(2), since Linux 1.0.
    PTRACE("1.0"),
    /// putpmsg(2), which no kernel ever had.
    PUTPMSG(),
    /// pwrite64(2), since Linux 2.2.
    PWRITE64("2.2"),
    /// pwritev(2), since Linux 2.6.30.
    PWRITEV("2.6.30"),
    /// pwritev2(2), since Linux 4.6.
    PWRITEV2("4.6"),
    /// query_module(2), since Linux 2.2.
    QUERY_MODULE("2.2"),
    /// quotactl(2), since Linux 1.0.
    QUOTACTL("1.0"),
    /// quotactl_fd(2), since Linux 5.14.
    QUOTACTL_FD("5.14"),
    /// read(2), since Linux 1.0.
    READ("1.0"),
    /// readahead(2), since Linux 2.4.13.
    READAHEAD("2.4.13"),
    /// readlink(2), since Linux 1.0.
    READLINK("1.0"),
    /// readlinkat(2), since Linux 2.6.16.
    READLINKAT("2.6.16"),
    /// readv(2), since Linux 2.0.
    READV("2.0"),
    /// reboot(2), since Linux 1.0.
    REBOOT("1.0"),
    /// recvfrom(2), since Linux 2.0.
    RECVFROM("2.0"),
    /// recvmmsg(2), since Linux 2.6.33.
    RECVMMSG("2.6.33"),
    /// recvmsg(2), since Linux 2.0.
    RECVMSG("2.0"),
    /// remap_file_pages(2), since Linux 2.6.
    REMAP_FILE_PAGES("2.6"),
    /// removexattr(2), since Linux 2.6.
    REMOVEXATTR("2.6"),
    /// removexattrat(2), since Linux 6.13.
    REMOVEXATTRAT("6.13"),
    /// rename(2), since Linux 1.0.
    RENAME("1.0"),
    /// renameat(2), since Linux 2.6.16.
    RENAMEAT("2.6.16"),
    /// renameat2(2), since Linux 3.15.
    RENAMEAT2("3.15"),
    /// request_key(2), since Linux 2.6.10.
    REQUEST_KEY("2.6.10"),
    /// restart_syscall(2), since Linux 2.6.
    RESTART_SYSCALL("2.6"),
    /// rmdir(2), since Linux 1.0.
    RMDIR("1.0"),
    /// rseq(2), since Linux 4.18.
    RSEQ("4.18"),
    /// rseq_slice_yield(2), since Linux 7.0.
    RSEQ_SLICE_YIELD("7.0"),
    /// rt_sigaction(2), since Linux 2.2.
    RT_SIGACTION("2.2"),
    /// rt_sigpending(2), since Linux 2.2.
    RT_SIGPENDING("2.2"),
    /// rt_sigprocmask(2), since Linux 2.2.
    RT_SIGPROCMASK("2.2"),
    /// rt_sigqueueinfo(2), since Linux 2.2.
    RT_SIGQUEUEINFO("2.2"),
    /// rt_sigreturn(2), since Linux 2.2.
    RT_SIGRETURN("2.2"),
    /// rt_sigsuspend(2), since Linux 2.2.
    RT_SIGSUSPEND("2.2"),
    /// rt_sigtimedwait(2), since Linux 2.2.
    RT_SIGTIMEDWAIT("2.2"),
    /// rt_tgsigqueueinfo(2), since Linux 2.6.31.
    RT_TGSIGQUEUEINFO("2.6.31"),
    /// sched_get_priority_max(2), since Linux 2.0.
    SCHED_GET_PRIORITY_MAX("2.0"),
    /// sched_get_priority_min(2), since Linux 2.0.
    SCHED_GET_PRIORITY_MIN("2.0"),
    /// sched_getaffinity(2), since Linux 2.6.
    SCHED_GETAFFINITY("2.6"),
    /// sched_getattr(2), since Linux 3.14.
    SCHED_GETATTR("3.14"),
    /// sched_getparam(2), since Linux 2.0.
    SCHED_GETPARAM("2.0"),
    /// sched_getscheduler(2), since Linux 2.0.
    SCHED_GETSCHEDULER("2.0"),
    /// sched_rr_get_interval(2), since Linux 2.0.
    SCHED_RR_GET_INTERVAL("2.0"),
    /// sched_setaffinity(2), since Linux 2.6.
    SCHED_SETAFFINITY("2.6"),
    /// sched_setattr(2), since Linux 3.14.
    SCHED_SETATTR("3.14"),
    /// sched_setparam(2), since Linux 2.0.
    SCHED_SETPARAM("2.0"),
    /// sched_setscheduler(2), since Linux 2.0.
    SCHED_SETSCHEDULER("2.0"),
    /// sched_yield(2), since Linux 2.0.
    SCHED_YIELD("2.0"),
    /// seccomp(2), since Linux 3.17.
    SECCOMP("3.17"),
    /// security(2), which no kernel ever had.
    SECURITY(),
    /// select(2), since Linux 1.0.
    SELECT("1.0"),
    /// semctl(2), since Linux 2.0.
    SEMCTL("2.0"),
    /// semget(2), since Linux 2.0.
    SEMGET("2.0"),
    /// semop(2), since Linux 2.0.
    SEMOP("2.0"),
    /// semtimedop(2), since Linux 2.6.
    SEMTIMEDOP("2.6"),
    /// sendfile(2), since Linux 2.2.
    SENDFILE("2.2"),
    /// sendmmsg(2), since Linux 3.0.
    SENDMMSG("3.0"),
    /// sendmsg(2), since Linux 2.0.
    SENDMSG("2.0"),
    /// sendto(2), since Linux 2.0.
    SENDTO("2.0"),
    /// set_mempolicy(2), since Linux 2.6.6.
    SET_MEMPOLICY("2.6.6"),
    /// set_mempolicy_home_node(2), since Linux 5.17.
    SET_MEMPOLICY_HOME_NODE("5.17"),
    /// set_robust_list(2), since Linux 2.6.17.
    SET_ROBUST_LIST("2.6.17"),
    /// set_thread_area(2), since Linux 2.6.
    SET_THREAD_AREA("2.6"),
    /// set_tid_address(2), since Linux 2.6.
    SET_TID_ADDRESS("2.6"),
    /// setdomainname(2), since Linux 1.0.
    SETDOMAINNAME("1.0"),
    /// setfsgid(2), since Linux 1.2.
    SETFSGID("1.2"),
    /// setfsuid(2), since Linux 1.2.
    SETFSUID("1.2"),
    /// setgid(2), since Linux 1.0.
    SETGID("1.0"),
    /// setgroups(2), since Linux 1.0.
    SETGROUPS("1.0"),
    /// sethostname(2), since Linux 1.0.
    SETHOSTNAME("1.0"),
    /// setitimer(2), since Linux 1.0.
    SETITIMER("1.0"),
    /// setns(2), since Linux 3.0.
    SETNS("3.0"),
    /// setpgid(2), since Linux 1.0.
    SETPGID("1.0"),
    /// setpriority(2), since Linux 1.0.
    SETPRIORITY("1.0"),
    /// setregid(2), since Linux 1.0.
    SETREGID("1.0"),
    /// setresgid(2), since Linux 2.2.
    SETRESGID("2.2"),
    /// setresuid(2), since Linux 2.2.
    SETRESUID("2.2"),
    /// setreuid(2), since Linux 1.0.
    SETREUID("1.0"),
    /// setrlimit(2), since Linux 1.0.
    SETRLIMIT("1.0"),
    /// setsid(2), since Linux 1.0.
    SETSID("1.0"),
    /// setsockopt(2), since Linux 2.0.
    SETSOCKOPT("2.0"),
    /// settimeofday(2), since Linux 1.0.
    SETTIMEOFDAY("1.0"),
    /// setuid(2), since Linux 1.0.
    SETUID("1.0"),
    /// setxattr(2), since Linux 2.6.
    SETXATTR("2.6"),
    /// setxattrat(2), since Linux 6.13.
    SETXATTRAT("6.13"),
    /// shmat(2), since Linux 2.0.
    SHMAT("2.0"),
    /// shmctl(2), since Linux 2.0.
    SHMCTL("2.0"),
    /// shmdt(2), since Linux 2.0.
    SHMDT("2.0"),
    /// shmget(2), since Linux 2.0.
    SHMGET("2.0"),
    /// shutdown(2), since Linux 2.0.
    SHUTDOWN("2.0"),
    /// sigaltstack(2), since Linux 2.2.
    SIGALTSTACK("2.2"),
    /// signalfd(2), since Linux 2.6.22.
    SIGNALFD("2.6.22"),
    /// signalfd4(2), since Linux 2.6.27.
    SIGNALFD4("2.6.27"),
    /// socket(2), since Linux 2.0.
    SOCKET("2.0"),
    /// socketpair(2), since Linux 2.0.
    SOCKETPAIR("2.0"),
    /// splice(2), since Linux 2.6.17.
    SPLICE("2.6.17"),
    /// stat(2), since Linux 1.0.
    STAT("1.0"),
    /// statfs(2), since Linux 1.0.
    STATFS("1.0"),
    /// statmount(2), since Linux 6.8.
    STATMOUNT("6.8"),
    /// statx(2), since Linux 4.11.
    STATX("4.11"),
    /// swapoff(2), since Linux 1.0.
    SWAPOFF("1.0"),
    /// swapon(2), since Linux 1.0.
    SWAPON("1.0"),
    /// symlink(2), since Linux 1.0.
    SYMLINK("1.0"),
    /// symlinkat(2), since Linux 2.6.16.
    SYMLINKAT("2.6.16"),
    /// sync(2), since Linux 1.0.
    SYNC("1.0"),
    /// sync_file_range(2), since Linux 2.6.17.
    SYNC_FILE_RANGE("2.6.17"),
    /// syncfs(2), since Linux 2.6.39.
    SYNCFS("2.6.39"),
    /// _sysctl(2), since Linux 2.0.
    _SYSCTL("2.0"),
    /// sysfs(2), since Linux 1.2.
    SYSFS("1.2"),
    /// sysinfo(2), since Linux 1.0.
    SYSINFO("1.0"),
    /// syslog(2), since Linux 1.0.
    SYSLOG("1.0"),
    /// tee(2), since Linux 2.6.17.
    TEE("2.6.17"),
    /// tgkill(2), since Linux 2.6.
    TGKILL("2.6"),
    /// time(2), since Linux 1.0.
    TIME("1.0"),
    /// timer_create(2), since Linux 2.6.
    TIMER_CREATE("2.6"),
    /// timer_delete(2), since Linux 2.6.
    TIMER_DELETE("2.6"),
    /// timer_getoverrun(2), since Linux 2.6.
    TIMER_GETOVERRUN("2.6"),
    /// timer_gettime(2), since Linux 2.6.
    TIMER_GETTIME("2.6"),
    /// timer_settime(2), since Linux 2.6.
    TIMER_SETTIME("2.6"),
    /// timerfd_create(2), since Linux 2.6.25.
    TIMERFD_CREATE("2.6.25"),
    /// timerfd_gettime(2), since Linux 2.6.25.
    TIMERFD_GETTIME("2.6.25"),
    /// timerfd_settime(2), since Linux 2.6.25.
    TIMERFD_SETTIME("2.6.25"),
    /// times(2), since Linux 1.0.
    TIMES("1.0"),
    /// tkill(2), since Linux 2.6.
    TKILL("2.6"),
    /// truncate(2), since Linux 1.0.
    TRUNCATE("1.0"),
    /// tuxcall(2), which no kernel ever had.
    TUXCALL(),
    /// umask(2), since Linux 1.0.
    UMASK("1.0"),
    /// umount2(2), since Linux 2.2.
    UMOUNT2("2.2"),
    /// uname(2), since Linux 1.0.
    UNAME("1.0"),
    /// unlink(2), since Linux 1.0.
    UNLINK("1.0"),
    /// unlinkat(2), since Linux 2.6.16.
    UNLINKAT("2.6.16"),
    /// unshare(2), since Linux 2.6.16.
    UNSHARE("2.6.16"),
    /// uprobe(2), since Linux 6.18.
    UPROBE("6.18"),
    /// uretprobe(2), since Linux 6.11.
    URETPROBE("6.11"),
    /// uselib(2), since Linux 1.0.
    USELIB("1.0"),
    /// userfaultfd(2), since Linux 4.3.
    USERFAULTFD("4.3"),
    /// ustat(2), since Linux 1.0.
    USTAT("1.0"),
    /// utime(2), since Linux 1.0.
    UTIME("1.0"),
    /// utimensat(2), since Linux 2.6.22.
    UTIMENSAT("2.6.22"),
    /// utimes(2), since Linux 2.2.
    UTIMES("2.2"),
    /// vfork(2), since Linux 2.2.
    VFORK("2.2"),
    /// vhangup(2), since Linux 1.0.
    VHANGUP("1.0"),
    /// vmsplice(2), since Linux 2.6.17.
    VMSPLICE("2.6.17"),
    /// vserver(2), which no kernel ever had.
    VSERVER(),
    /// wait4(2), since Linux 1.0.
    WAIT4("1.0"),
    /// waitid(2), since Linux 2.6.10.
    WAITID("2.6.10"),
    /// write(2), since Linux 1.0.
    WRITE("1.0"),
    /// writev(2), since Linux 2.0.
    WRITEV("2.0");

    private static final class Names {
        static final Map<String, Syscall> ALL = new HashMap<>();

        static {
            for (Syscall call : values()) {
                ALL.put(call.label, call);
            }
        }
    }

    private final String label;
    private final String since;

    /// One for which a number is set aside, and which no kernel ever had.
    Syscall() {
        this("");
    }

    Syscall(String since) {
        label = name().toLowerCase(Locale.ROOT);
        this.since = since;
    }

    /// {@return the kernel's name, such as `openat`}
    public String label() {
        return label;
    }

    /// {@return the version of Linux in which the call appeared, such as `2.6.16`; empty for a call
    /// for which a number is set aside and which no kernel ever had}
    public Optional<String> since() {
        return since.isEmpty() ? Optional.empty() : Optional.of(since);
    }

    /// {@return the call of this name; empty if neither CPU has one, as for `socketcall`}
    ///
    /// @param label the kernel's name
    public static Optional<Syscall> named(String label) {
        return Optional.ofNullable(Names.ALL.get(label));
    }
}
