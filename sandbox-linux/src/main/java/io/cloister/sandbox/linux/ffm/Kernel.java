package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.AT_EMPTY_PATH;
import static io.cloister.sandbox.linux.program.Linux.AT_FDCWD;
import static io.cloister.sandbox.linux.program.Linux.MOUNT_ATTR_SIZE;
import static io.cloister.sandbox.linux.program.Linux.PR_SCHED_CORE;
import static io.cloister.sandbox.linux.program.Linux.PR_SCHED_CORE_GET;
import static io.cloister.sandbox.linux.program.Linux.PR_SCHED_CORE_SCOPE_THREAD;
import static io.cloister.sandbox.linux.program.Linux.STATX_BASIC_STATS;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.Call;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// System calls. Each returns a value >= 0, or -errno; section 2 of the manual describes them.
/// Calls that a signal can interrupt are repeated, except close(2): Linux has released the
/// descriptor when it says EINTR. Thread-safe.
public final class Kernel {

    private static final CpuArchitecture CPU = currentCpu();

    // unix(7), linux/un.h, asm-generic/socket.h
    private static final int AF_UNIX = 1;
    private static final int UNIX_PATH_MAX = 108;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;

    private Kernel() {}

    /// What a descriptor refers to.
    ///
    /// @param mode type and permission bits
    /// @param uid the owner
    /// @param gid the group
    /// @param inode the inode number
    /// @param device the device as the kernel prints it: 32 bits major, 32 bits minor, in that
    ///   order
    public record FileStatus(int mode, int uid, int gid, long inode, long device) {}

    /// A pair of descriptors.
    public record Pair(int first, int second) {}

    /// The CPU of this JVM.
    ///
    /// @throws UnsupportedOperationException on a CPU that no launcher exists for
    public static CpuArchitecture cpu() {
        return CPU;
    }

    private static CpuArchitecture currentCpu() {
        String name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> CpuArchitecture.X86_64;
            case "aarch64" -> CpuArchitecture.AARCH64;
            default -> throw new UnsupportedOperationException("os.arch " + name);
        };
    }

    /// Makes a call, again when a signal interrupted it.
    static long call(Call call, long... a) {
        long number = call.number(CPU);
        while (true) {
            long result =
                    Libc.syscall(
                            number,
                            a.length > 0 ? a[0] : 0,
                            a.length > 1 ? a[1] : 0,
                            a.length > 2 ? a[2] : 0,
                            a.length > 3 ? a[3] : 0,
                            a.length > 4 ? a[4] : 0,
                            a.length > 5 ? a[5] : 0);
            if (!Errno.EINTR.is(result) || call == Call.CLOSE) {
                return result;
            }
        }
    }

    public static int close(int fd) {
        return (int) call(Call.CLOSE, fd);
    }

    /// read(2) into the start of `buffer`, at most `length` bytes.
    public static int read(int fd, NativeBuffer buffer, int length) {
        try {
            return (int) call(Call.READ, fd, buffer.address(0), Math.min(length, buffer.size()));
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /// write(2) from the start of `buffer`.
    public static int write(int fd, NativeBuffer buffer, int length) {
        try {
            return (int) call(Call.WRITE, fd, buffer.address(0), length);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /// write(2) of `length` bytes of an array, copied first.
    public static int write(int fd, byte[] bytes, int offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, length));
            MemorySegment.copy(bytes, offset, copy, ValueLayout.JAVA_BYTE, 0, length);
            return (int) call(Call.WRITE, fd, copy.address(), length);
        }
    }

    /// splice(2) without offsets.
    public static int splice(int from, int to, int length, int flags) {
        return (int) call(Call.SPLICE, from, 0, to, 0, length, flags);
    }

    /// openat(2) relative to the working directory.
    public static int open(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    call(Call.OPENAT, AT_FDCWD, arena.allocateFrom(path).address(), flags, mode);
        }
    }

    /// openat2(2) relative to the working directory, refusing every symbolic link on the way
    /// (ELOOP).
    public static int openWithoutLinks(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            // struct open_how { __u64 flags, mode, resolve; }
            MemorySegment how = arena.allocate(24, 8);
            how.set(ValueLayout.JAVA_LONG, 0, Integer.toUnsignedLong(flags));
            how.set(ValueLayout.JAVA_LONG, 8, mode);
            how.set(
                    ValueLayout.JAVA_LONG,
                    16,
                    Linux.RESOLVE_NO_SYMLINKS | Linux.RESOLVE_NO_MAGICLINKS);
            return (int)
                    call(
                            Call.OPENAT2,
                            AT_FDCWD,
                            arena.allocateFrom(path).address(),
                            how.address(),
                            how.byteSize());
        }
    }

    /// ftruncate(2).
    public static int truncate(int fd, long length) {
        return (int) call(Call.FTRUNCATE, fd, length);
    }

    /// fchown(2).
    public static int changeOwner(int fd, int uid, int gid) {
        return (int) call(Call.FCHOWN, fd, uid, gid);
    }

    /// fchmod(2).
    public static int changeMode(int fd, int mode) {
        return (int) call(Call.FCHMOD, fd, mode);
    }

    public static int fcntl(int fd, int command, int argument) {
        return (int) call(Call.FCNTL, fd, command, argument);
    }

    /// pipe2(2): the first descriptor reads, the second writes.
    ///
    /// @return the pair, or the pair (-errno, -errno)
    public static Pair pipe(int flags) {
        return pair(Call.PIPE2, flags, -1, -1);
    }

    /// socketpair(2) of AF_UNIX.
    ///
    /// @return the pair, or the pair (-errno, -errno)
    public static Pair socketPair(int type) {
        return pair(Call.SOCKETPAIR, AF_UNIX, type, 0);
    }

    private static Pair pair(Call kind, long a, long b, long c) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 8);
            long result =
                    kind == Call.PIPE2
                            ? call(kind, pair.address(), a)
                            : call(kind, a, b, c, pair.address());
            return result < 0
                    ? new Pair((int) result, (int) result)
                    : new Pair(
                            pair.get(ValueLayout.JAVA_INT, 0), pair.get(ValueLayout.JAVA_INT, 4));
        }
    }

    /// socket(2) and bind(2) to a name in the abstract namespace: a lock that ends with its owner.
    ///
    /// @return the descriptor of the socket that holds the name, or -errno
    public static int bindAbstract(String name) {
        return unixSocket(SOCK_DGRAM, Call.BIND, '\0' + name);
    }

    /// socket(2) of a stream that does not block, and connect(2) to a name in the file system,
    /// which waits for nobody (EAGAIN).
    ///
    /// @return the descriptor of the connected socket, closed at execve(2), or -errno
    public static int connectUnix(String path) {
        return unixSocket(SOCK_STREAM | SOCK_NONBLOCK, Call.CONNECT, path + '\0');
    }

    private static int unixSocket(int type, Call what, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > UNIX_PATH_MAX) {
            return -Errno.ENAMETOOLONG.number();
        }
        int fd = (int) call(Call.SOCKET, AF_UNIX, SOCK_CLOEXEC | type, 0);
        if (fd < 0) {
            return fd;
        }
        // struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(2 + UNIX_PATH_MAX, 8);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 2, bytes.length);
            long result = call(what, fd, address.address(), 2 + bytes.length);
            if (result < 0) {
                close(fd);
                return (int) result;
            }
            return fd;
        }
    }

    public static int eventfd() {
        return (int) call(Call.EVENTFD2, 0, 0x80000 | 0x800);
    }

    public static int memfdCreate(String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(Call.MEMFD_CREATE, arena.allocateFrom(name).address(), flags);
        }
    }

    /// getrandom(2): numbers that nobody can foresee. The kernel is asked itself, since the first
    /// [java.security.SecureRandom] of a JVM loads all its security providers.
    ///
    /// @throws IllegalStateException if the kernel refuses
    public static long[] random(int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(ValueLayout.JAVA_LONG, count);
            // Without flags and up to 256 bytes it never gives less than was asked for.
            long result = call(Call.GETRANDOM, numbers.address(), numbers.byteSize(), 0);
            if (result != numbers.byteSize()) {
                throw new IllegalStateException(
                        "getrandom(%d bytes) failed: %s"
                                .formatted(numbers.byteSize(), Errno.nameOf((int) -result)));
            }
            return numbers.toArray(ValueLayout.JAVA_LONG);
        }
    }

    public static int epollCreate() {
        return (int) call(Call.EPOLL_CREATE1, 0x80000);
    }

    /// epoll_ctl(2); `data` comes back with the event. `struct epoll_event` is packed on x86-64.
    public static int epollControl(int epoll, int operation, int fd, int events, long data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(16, 8);
            event.set(ValueLayout.JAVA_INT, 0, events);
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, epollDataOffset(), data);
            return (int) call(Call.EPOLL_CTL, epoll, operation, fd, event.address());
        }
    }

    /// epoll_wait(2): blocks for at most `timeoutMillis`, -1 for ever.
    public static int epollWait(int epoll, NativeBuffer events, int timeoutMillis) {
        try {
            long result =
                    Libc.syscall(
                            Call.EPOLL_PWAIT.number(CPU),
                            epoll,
                            events.address(0),
                            events.size() / epollEventSize(),
                            timeoutMillis,
                            0,
                            8);
            return Errno.EINTR.is(result) ? 0 : (int) result;
        } finally {
            Reference.reachabilityFence(events);
        }
    }

    /// The size of `struct epoll_event`.
    public static int epollEventSize() {
        return CPU == CpuArchitecture.X86_64 ? 12 : 16;
    }

    /// Where `data` stands in `struct epoll_event`.
    public static int epollDataOffset() {
        return CPU == CpuArchitecture.X86_64 ? 4 : 8;
    }

    /// ppoll(2) of one descriptor: 0 when the time is over, else 1.
    public static int poll(int fd, int events, Duration timeout) {
        try (Arena arena = Arena.ofConfined()) {
            // struct pollfd { int fd; short events; short revents; }
            MemorySegment poll = arena.allocate(8, 8);
            poll.set(ValueLayout.JAVA_INT, 0, fd);
            poll.set(ValueLayout.JAVA_SHORT, 4, (short) events);
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, timeout.getSeconds());
            time.set(ValueLayout.JAVA_LONG, 8, timeout.getNano());
            return (int) call(Call.PPOLL, poll.address(), 1, time.address(), 0, 0);
        }
    }

    public static int pidfdOpen(int pid) {
        return (int) call(Call.PIDFD_OPEN, pid, 0);
    }

    public static int pidfdSendSignal(int pidfd, int signal) {
        return (int) call(Call.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
    }

    /// pidfd_send_signal(2) to the process group that the process leads; -EINVAL before Linux 6.9.
    public static int pidfdSignalGroup(int pidfd, int signal) {
        return (int)
                call(Call.PIDFD_SEND_SIGNAL, pidfd, signal, 0, Linux.PIDFD_SIGNAL_PROCESS_GROUP);
    }

    /// pidfd_send_signal(2) with a value, as sigqueue(3) does.
    public static int pidfdQueueSignal(int pidfd, int signal, long value) {
        try (Arena arena = Arena.ofConfined()) {
            // siginfo_t { int si_signo, si_errno, si_code; ...; union sigval si_value at 24 }
            MemorySegment info = arena.allocate(128, 8);
            info.set(ValueLayout.JAVA_INT, 0, signal);
            info.set(ValueLayout.JAVA_INT, 8, Linux.SI_QUEUE);
            info.set(ValueLayout.JAVA_LONG, 24, value);
            return (int) call(Call.PIDFD_SEND_SIGNAL, pidfd, signal, info.address(), 0);
        }
    }

    /// waitid(2) on a pidfd of a child: reaps it. Returns 0 also when it still runs and `options`
    /// has WNOHANG.
    public static int waitPidfd(int pidfd, int options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(128, 8);
            return (int) call(Call.WAITID, 3, pidfd, info.address(), options, 0);
        }
    }

    public static int openTree(int directory, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(Call.OPEN_TREE, directory, arena.allocateFrom(path).address(), flags);
        }
    }

    /// mount_setattr(2) on a whole detached tree.
    public static int mountSetattr(int tree, long set, int userNamespace, boolean recursive) {
        try (Arena arena = Arena.ofConfined()) {
            // struct mount_attr { __u64 attr_set, attr_clr, propagation, userns_fd; }
            MemorySegment attr = arena.allocate(MOUNT_ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_LONG, 0, set);
            attr.set(ValueLayout.JAVA_LONG, 24, Math.max(0, userNamespace));
            return (int)
                    call(
                            Call.MOUNT_SETATTR,
                            tree,
                            arena.allocateFrom("").address(),
                            AT_EMPTY_PATH | (recursive ? 0x8000 : 0),
                            attr.address(),
                            MOUNT_ATTR_SIZE);
        }
    }

    /// statx(2) of a descriptor.
    ///
    /// @return the status
    /// @throws IllegalArgumentException if `fd` is not an open descriptor
    public static FileStatus status(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(256, 8);
            long result =
                    call(
                            Call.STATX,
                            fd,
                            arena.allocateFrom("").address(),
                            AT_EMPTY_PATH,
                            STATX_BASIC_STATS,
                            out.address());
            if (result < 0) {
                throw new IllegalArgumentException(
                        "descriptor " + fd + ": " + Errno.nameOf((int) -result));
            }
            return new FileStatus(
                    Short.toUnsignedInt(out.get(ValueLayout.JAVA_SHORT, 28)),
                    out.get(ValueLayout.JAVA_INT, 20),
                    out.get(ValueLayout.JAVA_INT, 24),
                    out.get(ValueLayout.JAVA_LONG, 32),
                    out.get(ValueLayout.JAVA_LONG, 136));
        }
    }

    /// The hard limit of a resource of this process (getrlimit(2)); -1 for unlimited.
    public static long hardLimit(int resource) {
        return limit(resource, Long.BYTES);
    }

    /// The soft limit of a resource of this process (getrlimit(2)); -1 for unlimited.
    public static long softLimit(int resource) {
        return limit(resource, 0);
    }

    private static long limit(int resource, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(2 * Long.BYTES, Long.BYTES);
            long result = call(Call.PRLIMIT64, 0, resource, 0, limit.address());
            return result < 0 ? result : limit.get(ValueLayout.JAVA_LONG, offset);
        }
    }

    /// Whether the kernel knows keyrings: KEYCTL_GET_KEYRING_ID of the session keyring answers
    /// something else than ENOSYS.
    public static boolean hasKeyrings() {
        return !Errno.ENOSYS.is(call(Call.KEYCTL, 0, -3, 0));
    }

    /// prctl(2) with one argument, the others 0.
    ///
    /// @return the result, or -errno
    public static long processControl(int option, long argument) {
        return call(Call.PRCTL, option, argument, 0, 0, 0);
    }

    /// Asks for this thread's cookie of core scheduling (PR_SCHED_CORE_GET): 0 if the kernel
    /// schedules cores, else -errno.
    public static long coreCookie() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cookie = arena.allocate(8, 8);
            return call(
                    Call.PRCTL,
                    PR_SCHED_CORE,
                    PR_SCHED_CORE_GET,
                    0,
                    PR_SCHED_CORE_SCOPE_THREAD,
                    cookie.address());
        }
    }

    /// ioprio_get(2) of a process, or -errno.
    public static int ioPriority(long pid) {
        int ofProcess = 1;
        return (int) call(Call.IOPRIO_GET, ofProcess, pid);
    }

    /// The version of Landlock's interface (landlock_create_ruleset(2)), or -errno: ENOSYS where
    /// the kernel has none, EOPNOTSUPP where it is not enabled.
    public static int landlockVersion() {
        return (int)
                call(Call.LANDLOCK_CREATE_RULESET, 0, 0, Linux.LANDLOCK_CREATE_RULESET_VERSION);
    }

    /// The process group in the foreground of the terminal `fd` (TIOCGPGRP), or -errno.
    public static int foregroundGroup(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment group = arena.allocate(4, 4);
            long result = call(Call.IOCTL, fd, 0x540f, group.address());
            return result < 0 ? (int) result : group.get(ValueLayout.JAVA_INT, 0);
        }
    }
}
