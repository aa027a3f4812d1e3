package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Call.Kind.DESCRIPTOR;
import static io.cloister.sandbox.linux.program.Call.Kind.DIRECTORY;
import static io.cloister.sandbox.linux.program.Call.Kind.HEX;
import static io.cloister.sandbox.linux.program.Call.Kind.NUMBER;
import static io.cloister.sandbox.linux.program.Call.Kind.OCTAL;
import static io.cloister.sandbox.linux.program.Call.Kind.POINTER;
import static io.cloister.sandbox.linux.program.Call.Kind.TEXT;

import java.util.List;

/// The system calls that a program or the launcher makes, with their numbers on both CPUs and the
/// kinds of their arguments. Only calls that exist on both CPUs are here (`openat`, not `open`).
/// Numbers: `asm/unistd_64.h` (x86-64), `asm-generic/unistd.h` (aarch64).
public enum Call {
    READ(0, 63, DESCRIPTOR, POINTER, NUMBER),
    WRITE(1, 64, DESCRIPTOR, TEXT, NUMBER),
    CLOSE(3, 57, DESCRIPTOR),
    PREAD64(17, 67, DESCRIPTOR, POINTER, NUMBER, NUMBER),
    /// `write` with a position: used for contents that a listing must not show.
    PWRITE64(18, 68, DESCRIPTOR, POINTER, NUMBER, NUMBER),
    IOCTL(16, 29, DESCRIPTOR, HEX, POINTER),
    SOCKET(41, 198, NUMBER, HEX, NUMBER),
    SENDMSG(46, 211, DESCRIPTOR, POINTER, HEX),
    RECVMSG(47, 212, DESCRIPTOR, POINTER, HEX),
    CONNECT(42, 203, DESCRIPTOR, POINTER, NUMBER),
    BIND(49, 200, DESCRIPTOR, POINTER, NUMBER),
    SOCKETPAIR(53, 199, NUMBER, HEX, NUMBER, POINTER),
    SETSOCKOPT(54, 208, DESCRIPTOR, NUMBER, NUMBER, POINTER, NUMBER),
    SHMGET(29, 194, NUMBER, NUMBER, OCTAL),
    SHMCTL(31, 195, NUMBER, NUMBER, POINTER),
    SEMGET(64, 190, NUMBER, NUMBER, OCTAL),
    SEMCTL(66, 191, NUMBER, NUMBER, NUMBER, POINTER),
    MSGGET(68, 186, NUMBER, OCTAL),
    MSGCTL(71, 187, NUMBER, NUMBER, POINTER),
    EXECVE(59, 221, TEXT, POINTER, POINTER),
    WAIT4(61, 260, NUMBER, POINTER, HEX, POINTER),
    KILL(62, 129, NUMBER, NUMBER),
    FCNTL(72, 25, DESCRIPTOR, NUMBER, NUMBER),
    FTRUNCATE(77, 46, DESCRIPTOR, NUMBER),
    FCHDIR(81, 50, DESCRIPTOR),
    CHDIR(80, 49, TEXT),
    FCHMOD(91, 52, DESCRIPTOR, OCTAL),
    FCHOWN(93, 55, DESCRIPTOR, NUMBER, NUMBER),
    UMASK(95, 166, OCTAL),
    GETRUSAGE(98, 165, NUMBER, POINTER),
    GETPID(39, 172),
    SETSID(112, 157),
    GETGROUPS(115, 158, NUMBER, POINTER),
    SETGROUPS(116, 159, NUMBER, POINTER),
    SETFSUID(122, 151, NUMBER),
    SETFSGID(123, 152, NUMBER),
    SETRESUID(117, 147, NUMBER, NUMBER, NUMBER),
    SETRESGID(119, 149, NUMBER, NUMBER, NUMBER),
    CAPSET(126, 91, POINTER, POINTER),
    MMAP(9, 222, POINTER, NUMBER, HEX, HEX, DESCRIPTOR, NUMBER),
    RT_SIGACTION(13, 134, NUMBER, POINTER, POINTER, NUMBER),
    RT_SIGPROCMASK(14, 135, NUMBER, POINTER, POINTER, NUMBER),
    RT_SIGTIMEDWAIT(128, 137, POINTER, POINTER, POINTER, NUMBER),
    CHROOT(161, 51, TEXT),
    PIVOT_ROOT(155, 41, TEXT, TEXT),
    PRCTL(157, 167, NUMBER, HEX, NUMBER, NUMBER, NUMBER),
    MOUNT(165, 40, TEXT, TEXT, TEXT, HEX, TEXT),
    UMOUNT2(166, 39, TEXT, HEX),
    SETHOSTNAME(170, 161, TEXT, NUMBER),
    SETDOMAINNAME(171, 162, TEXT, NUMBER),
    CLOCK_GETTIME(228, 113, NUMBER, POINTER),
    EXIT_GROUP(231, 94, NUMBER),
    FLISTXATTR(196, 13, DESCRIPTOR, POINTER, NUMBER),
    EPOLL_CTL(233, 21, DESCRIPTOR, NUMBER, DESCRIPTOR, POINTER),
    WAITID(247, 95, NUMBER, NUMBER, POINTER, HEX, POINTER),
    KEYCTL(250, 219, NUMBER, TEXT),
    IOPRIO_GET(252, 31, NUMBER, NUMBER),
    OPENAT(257, 56, DIRECTORY, TEXT, HEX, OCTAL),
    MKDIRAT(258, 34, DIRECTORY, TEXT, OCTAL),
    MKNODAT(259, 33, DIRECTORY, TEXT, OCTAL, NUMBER),
    FCHOWNAT(260, 54, DIRECTORY, TEXT, NUMBER, NUMBER, HEX),
    UNLINKAT(263, 35, DIRECTORY, TEXT, HEX),
    FCHMODAT(268, 53, DIRECTORY, TEXT, OCTAL),
    UTIMENSAT(280, 88, DIRECTORY, TEXT, POINTER, HEX),
    RENAMEAT2(316, 276, DIRECTORY, TEXT, DIRECTORY, TEXT, HEX),
    GETDENTS64(217, 61, DESCRIPTOR, POINTER, NUMBER),
    READLINKAT(267, 78, DIRECTORY, TEXT, POINTER, NUMBER),
    SYMLINKAT(266, 36, TEXT, DIRECTORY, TEXT),
    PPOLL(271, 73, POINTER, NUMBER, POINTER, POINTER, NUMBER),
    UNSHARE(272, 97, HEX),
    SETNS(308, 268, DESCRIPTOR, HEX),
    SPLICE(275, 76, DESCRIPTOR, POINTER, DESCRIPTOR, POINTER, NUMBER, HEX),
    EPOLL_PWAIT(281, 22, DESCRIPTOR, POINTER, NUMBER, NUMBER, POINTER, NUMBER),
    EVENTFD2(290, 19, NUMBER, HEX),
    EPOLL_CREATE1(291, 20, HEX),
    DUP3(292, 24, DESCRIPTOR, DESCRIPTOR, HEX),
    SCHED_YIELD(24, 124),
    PIPE2(293, 59, POINTER, HEX),
    PRLIMIT64(302, 261, NUMBER, NUMBER, POINTER, POINTER),
    SECCOMP(317, 277, NUMBER, HEX, POINTER),
    GETRANDOM(318, 278, POINTER, NUMBER, HEX),
    MEMFD_CREATE(319, 279, TEXT, HEX),
    STATX(332, 291, DIRECTORY, TEXT, HEX, HEX, POINTER),
    PIDFD_SEND_SIGNAL(424, 424, DESCRIPTOR, NUMBER, POINTER, NUMBER),
    OPEN_TREE(428, 428, DIRECTORY, TEXT, HEX),
    MOVE_MOUNT(429, 429, DIRECTORY, TEXT, DIRECTORY, TEXT, HEX),
    FSOPEN(430, 430, TEXT, HEX),
    FSCONFIG(431, 431, DESCRIPTOR, NUMBER, TEXT, TEXT, NUMBER),
    FSTATFS(138, 44, DESCRIPTOR, POINTER),
    FSMOUNT(432, 432, DESCRIPTOR, HEX, HEX),
    PIDFD_OPEN(434, 434, NUMBER, HEX),
    CLONE3(435, 435, POINTER, NUMBER),
    CLOSE_RANGE(436, 436, DESCRIPTOR, DESCRIPTOR, HEX),
    OPENAT2(437, 437, DIRECTORY, TEXT, POINTER, NUMBER),
    MOUNT_SETATTR(442, 442, DIRECTORY, TEXT, HEX, POINTER, NUMBER),
    LANDLOCK_CREATE_RULESET(444, 444, POINTER, NUMBER, HEX),
    LANDLOCK_ADD_RULE(445, 445, DESCRIPTOR, NUMBER, POINTER, HEX),
    LANDLOCK_RESTRICT_SELF(446, 446, DESCRIPTOR, HEX);

    /// How an argument is shown by `explain`.
    public enum Kind {
        NUMBER,
        HEX,
        OCTAL,
        DESCRIPTOR,
        /// A directory descriptor: shown as `AT_FDCWD` where it is that.
        DIRECTORY,
        /// The address of a NUL-terminated text.
        TEXT,
        POINTER
    }

    private final int x86;
    private final int arm;
    private final List<Kind> kinds;

    Call(int x86, int arm, Kind... kinds) {
        this.x86 = x86;
        this.arm = arm;
        this.kinds = List.of(kinds);
    }

    /// The number of this call on `cpu`.
    public int number(CpuArchitecture cpu) {
        return cpu == CpuArchitecture.X86_64 ? x86 : arm;
    }

    /// The kinds of the arguments, in order.
    public List<Kind> kinds() {
        return kinds;
    }

    /// The kernel's name of the call.
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
