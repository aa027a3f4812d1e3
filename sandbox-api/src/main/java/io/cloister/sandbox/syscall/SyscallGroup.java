package io.cloister.sandbox.syscall;

import static io.cloister.sandbox.syscall.Syscall.*;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// System calls that serve one purpose, so that policies can be made of purposes.
///
/// The names follow those of systemd.exec(5), under `SystemCallFilter=`; the contents are the
/// project's own. Every [Syscall] is in exactly one group, so that to close a group closes nothing
/// that another one needs.
public enum SyscallGroup {
    /// Reading, writing and copying through descriptors, pipes, `fcntl` and `ioctl`.
    BASIC_IO(
            "@basic-io",
            "reads, writes and copies through descriptors",
            CLOSE,
            CLOSE_RANGE,
            COPY_FILE_RANGE,
            DUP,
            DUP2,
            DUP3,
            FCNTL,
            IOCTL,
            LSEEK,
            PIPE,
            PIPE2,
            PREAD64,
            PREADV,
            PREADV2,
            PWRITE64,
            PWRITEV,
            PWRITEV2,
            READ,
            READV,
            SENDFILE,
            SPLICE,
            TEE,
            VMSPLICE,
            WRITE,
            WRITEV),
    /// Waiting for descriptors: `epoll`, `poll`, `select`, and descriptors for events.
    IO_EVENT(
            "@io-event",
            "waits until descriptors are ready",
            EPOLL_CREATE,
            EPOLL_CREATE1,
            EPOLL_CTL,
            EPOLL_PWAIT,
            EPOLL_PWAIT2,
            EPOLL_WAIT,
            EVENTFD,
            EVENTFD2,
            POLL,
            PPOLL,
            PSELECT6,
            SELECT),
    /// Linux' older asynchronous input and output. That of POSIX (aio(7)) uses threads.
    AIO(
            "@aio",
            "reads and writes asynchronously, as libaio does",
            IO_CANCEL,
            IO_DESTROY,
            IO_GETEVENTS,
            IO_PGETEVENTS,
            IO_SETUP,
            IO_SUBMIT),
    /// The newer asynchronous interface, whose operations are seen by no filter.
    IO_URING(
            "@io-uring",
            "makes calls through a ring in memory",
            IO_URING_ENTER,
            IO_URING_REGISTER,
            IO_URING_SETUP),
    /// Names, directories, modes and contents of files.
    FILE_SYSTEM(
            "@file-system",
            "opens, makes, renames, removes and describes files",
            ACCESS,
            CACHESTAT,
            CHDIR,
            CHMOD,
            CREAT,
            FACCESSAT,
            FACCESSAT2,
            FADVISE64,
            FALLOCATE,
            FCHDIR,
            FCHMOD,
            FCHMODAT,
            FCHMODAT2,
            FLOCK,
            FSTAT,
            FSTATFS,
            FTRUNCATE,
            FUTIMESAT,
            GETCWD,
            GETDENTS,
            GETDENTS64,
            LINK,
            LINKAT,
            LSTAT,
            MKDIR,
            MKDIRAT,
            MKNOD,
            MKNODAT,
            NEWFSTATAT,
            OPEN,
            OPENAT,
            OPENAT2,
            READAHEAD,
            READLINK,
            READLINKAT,
            RENAME,
            RENAMEAT,
            RENAMEAT2,
            RMDIR,
            STAT,
            STATFS,
            STATX,
            SYMLINK,
            SYMLINKAT,
            TRUNCATE,
            UMASK,
            UNLINK,
            UNLINKAT,
            UTIME,
            UTIMENSAT,
            UTIMES),
    /// Extended attributes and inode flags of files.
    XATTR(
            "@xattr",
            "reads and sets extended attributes of files",
            FGETXATTR,
            FILE_GETATTR,
            FILE_SETATTR,
            FLISTXATTR,
            FREMOVEXATTR,
            FSETXATTR,
            GETXATTR,
            GETXATTRAT,
            LGETXATTR,
            LISTXATTR,
            LISTXATTRAT,
            LLISTXATTR,
            LREMOVEXATTR,
            LSETXATTR,
            REMOVEXATTR,
            REMOVEXATTRAT,
            SETXATTR,
            SETXATTRAT),
    /// Owners of files.
    CHOWN("@chown", "changes owners of files", Syscall.CHOWN, FCHOWN, FCHOWNAT, LCHOWN),
    /// Writing back what is in memory to the disk.
    SYNC(
            "@sync",
            "writes to the disk what is still in memory",
            FDATASYNC,
            FSYNC,
            Syscall.SYNC,
            SYNC_FILE_RANGE,
            SYNCFS),
    /// Being told of changes of files: inotify(7).
    FILE_WATCH(
            "@file-watch",
            "is told what happens to files",
            INOTIFY_ADD_WATCH,
            INOTIFY_INIT,
            INOTIFY_INIT1,
            INOTIFY_RM_WATCH),
    /// Files by their inode, past the directories above them.
    FILE_HANDLE(
            "@file-handle",
            "opens files by their inode, without a path",
            NAME_TO_HANDLE_AT,
            OPEN_BY_HANDLE_AT),
    /// Sockets, those within the machine included.
    NETWORK_IO(
            "@network-io",
            "makes sockets and talks over them",
            ACCEPT,
            ACCEPT4,
            BIND,
            CONNECT,
            GETPEERNAME,
            GETSOCKNAME,
            GETSOCKOPT,
            LISTEN,
            RECVFROM,
            RECVMMSG,
            RECVMSG,
            SENDMMSG,
            SENDMSG,
            SENDTO,
            SETSOCKOPT,
            SHUTDOWN,
            SOCKET,
            SOCKETPAIR),
    /// Objects of System V IPC and message queues of POSIX. Both outlive the process that made
    /// them, until the IPC namespace ends.
    IPC(
            "@ipc",
            "shares memory, semaphores and queues by key",
            MQ_GETSETATTR,
            MQ_NOTIFY,
            MQ_OPEN,
            MQ_TIMEDRECEIVE,
            MQ_TIMEDSEND,
            MQ_UNLINK,
            MSGCTL,
            MSGGET,
            MSGRCV,
            MSGSND,
            SEMCTL,
            SEMGET,
            SEMOP,
            SEMTIMEDOP,
            SHMAT,
            SHMCTL,
            SHMDT,
            SHMGET),
    /// Making, replacing, ending and awaiting processes; sessions and process groups.
    PROCESS(
            "@process",
            "makes processes, executes programs, waits for their ends",
            ARCH_PRCTL,
            CLONE,
            CLONE3,
            EXECVE,
            EXECVEAT,
            EXIT,
            EXIT_GROUP,
            FORK,
            GETPGID,
            GETPGRP,
            GETPID,
            GETPPID,
            GETSID,
            PERSONALITY,
            PIDFD_OPEN,
            PRCTL,
            SETPGID,
            SETSID,
            VFORK,
            WAIT4,
            WAITID),
    /// What threads are made of: futexes, their lists, restartable sequences, barriers.
    THREAD(
            "@thread",
            "lets threads wait for each other",
            FUTEX,
            FUTEX_REQUEUE,
            FUTEX_WAIT,
            FUTEX_WAITV,
            FUTEX_WAKE,
            GET_ROBUST_LIST,
            GET_THREAD_AREA,
            GETTID,
            MEMBARRIER,
            RSEQ,
            RSEQ_SLICE_YIELD,
            SET_ROBUST_LIST,
            SET_THREAD_AREA,
            SET_TID_ADDRESS),
    /// The process's own address space.
    MEMORY(
            "@memory",
            "maps, protects and locks the process's own memory",
            BRK,
            MADVISE,
            MAP_SHADOW_STACK,
            MEMFD_CREATE,
            MEMFD_SECRET,
            MINCORE,
            MLOCK,
            MLOCK2,
            MLOCKALL,
            MMAP,
            MPROTECT,
            MREMAP,
            MSEAL,
            MSYNC,
            MUNLOCK,
            MUNLOCKALL,
            MUNMAP,
            PKEY_ALLOC,
            PKEY_FREE,
            PKEY_MPROTECT),
    /// Which memory node memory lies on.
    NUMA(
            "@numa",
            "chooses memory nodes",
            GET_MEMPOLICY,
            MBIND,
            MIGRATE_PAGES,
            MOVE_PAGES,
            SET_MEMPOLICY,
            SET_MEMPOLICY_HOME_NODE),
    /// Sending and receiving signals.
    SIGNAL(
            "@signal",
            "sends, blocks, handles and awaits signals",
            KILL,
            PAUSE,
            PIDFD_SEND_SIGNAL,
            RESTART_SYSCALL,
            RT_SIGACTION,
            RT_SIGPENDING,
            RT_SIGPROCMASK,
            RT_SIGQUEUEINFO,
            RT_SIGRETURN,
            RT_SIGSUSPEND,
            RT_SIGTIMEDWAIT,
            RT_TGSIGQUEUEINFO,
            SIGALTSTACK,
            SIGNALFD,
            SIGNALFD4,
            TGKILL,
            TKILL),
    /// Reading clocks, sleeping, and timers.
    TIMER(
            "@timer",
            "reads clocks, sleeps, sets timers",
            ALARM,
            CLOCK_GETRES,
            CLOCK_GETTIME,
            CLOCK_NANOSLEEP,
            GETITIMER,
            GETTIMEOFDAY,
            NANOSLEEP,
            SETITIMER,
            TIME,
            TIMER_CREATE,
            TIMER_DELETE,
            TIMER_GETOVERRUN,
            TIMER_GETTIME,
            TIMER_SETTIME,
            TIMERFD_CREATE,
            TIMERFD_GETTIME,
            TIMERFD_SETTIME,
            TIMES),
    /// Setting the host's clocks.
    CLOCK(
            "@clock",
            "sets the clocks of the host",
            ADJTIMEX,
            CLOCK_ADJTIME,
            CLOCK_SETTIME,
            SETTIMEOFDAY),
    /// Own and other processes' limits, priorities, processors and usage.
    RESOURCES(
            "@resources",
            "asks for limits and usage, lowers priorities, chooses processors",
            GETPRIORITY,
            GETRLIMIT,
            GETRUSAGE,
            IOPRIO_GET,
            IOPRIO_SET,
            PRLIMIT64,
            SCHED_GET_PRIORITY_MAX,
            SCHED_GET_PRIORITY_MIN,
            SCHED_GETAFFINITY,
            SCHED_GETATTR,
            SCHED_GETPARAM,
            SCHED_GETSCHEDULER,
            SCHED_RR_GET_INTERVAL,
            SCHED_SETAFFINITY,
            SCHED_SETATTR,
            SCHED_SETPARAM,
            SCHED_SETSCHEDULER,
            SCHED_YIELD,
            SETPRIORITY,
            SETRLIMIT),
    /// What the system is, and random numbers.
    SYSTEM_INFO(
            "@system-info",
            "asks what the system is, and for random numbers",
            GETCPU,
            GETRANDOM,
            SYSINFO,
            UNAME),
    /// Asking for the process's users, groups and capabilities.
    IDENTITY(
            "@identity",
            "asks who the process is",
            CAPGET,
            GETEGID,
            GETEUID,
            GETGID,
            GETGROUPS,
            GETRESGID,
            GETRESUID,
            GETUID),
    /// Changing the process's users, groups and capabilities.
    SETUID(
            "@setuid",
            "changes users, groups and capabilities of the process",
            CAPSET,
            SETFSGID,
            SETFSUID,
            SETGID,
            SETGROUPS,
            SETREGID,
            SETRESGID,
            SETRESUID,
            SETREUID,
            Syscall.SETUID),
    /// Filters and rules that a program gives itself: seccomp(2), landlock(7), attributes of
    /// security modules.
    SANDBOX(
            "@sandbox",
            "lets a program confine itself",
            LANDLOCK_ADD_RULE,
            LANDLOCK_CREATE_RULESET,
            LANDLOCK_RESTRICT_SELF,
            LSM_GET_SELF_ATTR,
            LSM_LIST_MODULES,
            LSM_SET_SELF_ATTR,
            SECCOMP),
    /// The kernel's store of keys.
    KEYRING("@keyring", "keeps keys in the kernel", ADD_KEY, KEYCTL, REQUEST_KEY),
    /// New namespaces, and those of others. `clone` and `clone3` are in [#PROCESS].
    NAMESPACES("@namespaces", "makes and enters namespaces", LISTNS, SETNS, UNSHARE),
    /// The mount tree and the root directory.
    MOUNT(
            "@mount",
            "changes and lists mounts, and the root directory",
            CHROOT,
            FSCONFIG,
            FSMOUNT,
            FSOPEN,
            FSPICK,
            LISTMOUNT,
            Syscall.MOUNT,
            MOUNT_SETATTR,
            MOVE_MOUNT,
            OPEN_TREE,
            OPEN_TREE_ATTR,
            PIVOT_ROOT,
            STATMOUNT,
            UMOUNT2),
    /// Looking into other processes and steering them, tracing and measuring.
    DEBUG(
            "@debug",
            "looks into other processes, traces and measures",
            KCMP,
            PERF_EVENT_OPEN,
            PIDFD_GETFD,
            PROCESS_MADVISE,
            PROCESS_MRELEASE,
            PROCESS_VM_READV,
            PROCESS_VM_WRITEV,
            PTRACE,
            UPROBE,
            URETPROBE,
            USERFAULTFD),
    /// Kernel modules.
    MODULE("@module", "loads modules into the kernel", DELETE_MODULE, FINIT_MODULE, INIT_MODULE),
    /// Restarting the host, or replacing its kernel.
    REBOOT("@reboot", "restarts the host", KEXEC_FILE_LOAD, KEXEC_LOAD, Syscall.REBOOT),
    /// Swap areas of the host.
    SWAP("@swap", "changes where the host's memory goes", SWAPOFF, SWAPON),
    /// I/O ports of the machine.
    RAW_IO("@raw-io", "reaches I/O ports", IOPERM, IOPL),
    /// What only an administrator of the host does, and is in no other group.
    PRIVILEGED(
            "@privileged",
            "administers the host",
            ACCT,
            BPF,
            FANOTIFY_INIT,
            FANOTIFY_MARK,
            QUOTACTL,
            QUOTACTL_FD,
            SETDOMAINNAME,
            SETHOSTNAME,
            SYSLOG,
            VHANGUP),
    /// Emulation of older CPUs and ABIs.
    CPU_EMULATION("@cpu-emulation", "emulates older CPUs", MODIFY_LDT),
    /// Calls that are gone, were never there, or have been replaced long ago.
    OBSOLETE(
            "@obsolete",
            "is gone, was never there, or has been replaced long ago",
            _SYSCTL,
            AFS_SYSCALL,
            CREATE_MODULE,
            EPOLL_CTL_OLD,
            EPOLL_WAIT_OLD,
            GET_KERNEL_SYMS,
            GETPMSG,
            LOOKUP_DCOOKIE,
            NFSSERVCTL,
            PUTPMSG,
            QUERY_MODULE,
            REMAP_FILE_PAGES,
            SECURITY,
            SYSFS,
            TUXCALL,
            USELIB,
            USTAT,
            VSERVER);

    private final String label;
    private final String description;
    private final Set<Syscall> calls;

    SyscallGroup(String label, String description, Syscall... calls) {
        this.label = label;
        this.description = description;
        EnumSet<Syscall> set = EnumSet.noneOf(Syscall.class);
        set.addAll(Arrays.asList(calls));
        this.calls = Collections.unmodifiableSet(set);
    }

    /// {@return the name, such as `@file-system`}
    public String label() {
        return label;
    }

    /// {@return what the calls do, for people: a phrase such as `sends, blocks, handles and awaits
    /// signals`}
    public String description() {
        return description;
    }

    /// {@return the calls, in the order of [Syscall]}
    public Set<Syscall> calls() {
        return calls;
    }

    /// {@return a rule for each call, whatever its arguments, to be put in front of a policy; see
    /// [SyscallPolicy#first(java.util.Collection)]}
    ///
    /// @param action what happens to the calls
    /// @param reason why
    public List<SyscallRule> rules(SyscallAction action, String reason) {
        return calls.stream().map(call -> SyscallRule.of(call, action, reason)).toList();
    }

    /// {@return the group of a call}
    ///
    /// @param call the call
    public static SyscallGroup of(Syscall call) {
        return Arrays.stream(values())
                .filter(group -> group.calls.contains(call))
                .findFirst()
                .orElseThrow();
    }

    /// {@return the group of this name; empty if there is none}
    ///
    /// @param label the name, such as `@file-system`
    public static Optional<SyscallGroup> named(String label) {
        return Arrays.stream(values()).filter(group -> group.label.equals(label)).findFirst();
    }
}
