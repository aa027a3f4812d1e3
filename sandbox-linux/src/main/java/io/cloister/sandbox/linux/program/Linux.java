package io.cloister.sandbox.linux.program;

/// Constants of the kernel's interface, spelled exactly as its headers spell them. All are the same
/// on x86-64 and aarch64 unless a comment says otherwise.
public final class Linux {

    // linux/sched.h
    public static final long CLONE_VM = 0x100;
    public static final long CLONE_VFORK = 0x4000;
    public static final long CLONE_PIDFD = 0x1000;
    public static final long CLONE_NEWTIME = 0x80;
    public static final long CLONE_NEWNS = 0x20000;
    public static final long CLONE_NEWCGROUP = 0x2000000;
    public static final long CLONE_NEWUTS = 0x4000000;
    public static final long CLONE_NEWIPC = 0x8000000;
    public static final long CLONE_NEWUSER = 0x10000000;
    public static final long CLONE_NEWPID = 0x20000000;
    public static final long CLONE_NEWNET = 0x40000000;
    public static final long CLONE_CLEAR_SIGHAND = 0x100000000L;
    public static final long CLONE_INTO_CGROUP = 0x200000000L;

    /// sizeof(struct clone_args), version 2 (with `cgroup`).
    public static final int CLONE_ARGS_SIZE = 88;

    // asm-generic/fcntl.h, linux/fcntl.h
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_NOCTTY = 0x100;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_RECURSIVE = 0x8000;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int F_SETPIPE_SZ = 1031;
    public static final int F_ADD_SEALS = 1033;

    /// SEAL | SHRINK | GROW | WRITE.
    public static final int F_SEAL_ALL = 0xf;

    // linux/stat.h
    public static final int S_IFMT = 0xf000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFLNK = 0xa000;
    public static final int S_IFIFO = 0x1000;
    public static final int S_IFSOCK = 0xc000;
    public static final int STATX_BASIC_STATS = 0x7ff;

    /// Since Linux 5.8.
    public static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

    // linux/openat2.h
    public static final int RESOLVE_NO_XDEV = 0x01;
    public static final int RESOLVE_NO_MAGICLINKS = 0x02;
    public static final int RESOLVE_NO_SYMLINKS = 0x04;
    public static final int RESOLVE_IN_ROOT = 0x10;

    // linux/mount.h
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    public static final int MS_BIND = 0x1000;
    public static final int MS_REC = 0x4000;
    public static final int MS_PRIVATE = 0x40000;
    public static final int MNT_DETACH = 2;
    public static final int OPEN_TREE_CLONE = 1;
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    public static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    public static final int FSOPEN_CLOEXEC = 1;
    public static final int FSMOUNT_CLOEXEC = 1;
    public static final int FSCONFIG_SET_STRING = 1;
    public static final int FSCONFIG_CMD_CREATE = 6;
    public static final int MOUNT_ATTR_RDONLY = 1;
    public static final int MOUNT_ATTR_NOSUID = 2;
    public static final int MOUNT_ATTR_NODEV = 4;
    public static final int MOUNT_ATTR_NOEXEC = 8;
    public static final int MOUNT_ATTR_NOATIME = 0x10;
    public static final int MOUNT_ATTR_IDMAP = 0x100000;
    public static final int MOUNT_ATTR_NOSYMFOLLOW = 0x200000;
    public static final int MOUNT_ATTR_SIZE = 32;

    // linux/prctl.h
    public static final int PR_SET_PDEATHSIG = 1;
    public static final int PR_SET_DUMPABLE = 4;
    public static final int PR_SET_NAME = 15;
    public static final int PR_CAPBSET_DROP = 24;
    public static final int PR_SET_SECUREBITS = 28;
    public static final int PR_SET_CHILD_SUBREAPER = 36;
    public static final int PR_SET_NO_NEW_PRIVS = 38;
    public static final int PR_CAP_AMBIENT = 47;
    public static final int PR_CAP_AMBIENT_RAISE = 2;
    public static final int PR_GET_SPECULATION_CTRL = 52;
    public static final int PR_SET_SPECULATION_CTRL = 53;
    public static final int PR_SCHED_CORE = 62;
    public static final int PR_SCHED_CORE_GET = 0;
    public static final int PR_SCHED_CORE_CREATE = 1;
    public static final int PR_SCHED_CORE_SCOPE_THREAD = 0;
    public static final int PR_SCHED_CORE_SCOPE_THREAD_GROUP = 1;
    public static final int PR_SET_MDWE = 65;
    public static final int PR_GET_MDWE = 66;
    public static final int PR_MDWE_REFUSE_EXEC_GAIN = 1;

    // linux/capability.h, linux/securebits.h
    public static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    public static final int CAP_SETPCAP = 8;
    public static final int SECBIT_NOROOT = 1;
    public static final int SECBIT_NOROOT_LOCKED = 1 << 1;
    public static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;
    public static final int SECBIT_NO_SETUID_FIXUP_LOCKED = 1 << 3;
    public static final int SECBIT_KEEP_CAPS_LOCKED = 1 << 5;
    public static final int SECBIT_NO_CAP_AMBIENT_RAISE = 1 << 6;
    public static final int SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED = 1 << 7;

    // linux/keyctl.h, linux/seccomp.h
    public static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    public static final int SECCOMP_SET_MODE_FILTER = 1;
    public static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    public static final int SECCOMP_FILTER_FLAG_LOG = 1 << 1;
    public static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 1 << 2;
    public static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3;
    public static final int SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5;

    // linux/landlock.h
    public static final int LANDLOCK_CREATE_RULESET_VERSION = 1;
    public static final int LANDLOCK_RULE_PATH_BENEATH = 1;
    public static final int LANDLOCK_RULE_NET_PORT = 2;

    // linux/socket.h, linux/if.h, linux/sockios.h
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOL_SOCKET = 1;
    public static final int SCM_RIGHTS = 1;
    public static final int MSG_CTRUNC = 0x8;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;
    public static final int SIOCSIFFLAGS = 0x8914;
    public static final int IFF_UP = 1;
    public static final int IFF_RUNNING = 0x40;

    // asm-generic/signal.h
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    public static final int SIG_BLOCK = 0;

    /// SIGRTMAX: by which the first process is asked to send all others the signal that comes with
    /// it as its value.
    public static final int SIGNAL_ALL = 64;

    /// To the process group of whoever the descriptor is of; since Linux 6.9.
    public static final int PIDFD_SIGNAL_PROCESS_GROUP = 4;

    /// si_code of a signal with a value.
    public static final int SI_QUEUE = -1;

    public static final int SIGCHLD = 17;
    public static final int SIGXCPU = 24;
    public static final int SIGXFSZ = 25;
    public static final int SIGSYS = 31;
    public static final int SA_NOCLDWAIT = 2;

    // linux/wait.h, linux/resource.h, linux/time.h
    public static final int P_PIDFD = 3;
    public static final int WNOHANG = 1;
    public static final int WEXITED = 4;
    public static final int WALL = 0x40000000;
    public static final int RUSAGE_CHILDREN = -1;
    public static final int RUSAGE_SELF = 0;

    /// sizeof(struct rusage) on 64-bit.
    public static final int RUSAGE_SIZE = 144;

    public static final int CLOCK_MONOTONIC = 1;

    // linux/close_range.h
    public static final int CLOSE_RANGE_CLOEXEC = 4;

    // linux/eventpoll.h, asm-generic/poll.h
    public static final int EPOLLIN = 1;
    public static final int EPOLLPRI = 2;
    public static final int EPOLLOUT = 4;
    public static final int EPOLLERR = 8;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int POLLIN = 1;
    public static final int POLLPRI = 2;

    // asm-generic/ioctls.h
    public static final int TCGETS = 0x5401;
    public static final int TCSETSW = 0x5403;
    public static final int TIOCSCTTY = 0x540e;
    public static final int TIOCGWINSZ = 0x5413;
    public static final int TIOCSWINSZ = 0x5414;
    public static final int TIOCSPTLCK = 0x40045431;
    public static final int TIOCGPTPEER = 0x5441;

    // linux/memfd.h
    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_EXEC = 0x10;

    private Linux() {}
}
