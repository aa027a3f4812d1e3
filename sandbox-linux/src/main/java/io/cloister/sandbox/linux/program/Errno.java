package io.cloister.sandbox.linux.program;

/// The error numbers of Linux that a launch can meet (asm-generic/errno.h; the same on both CPUs).
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process"),
    EINTR(4, "interrupted"),
    EIO(5, "input/output error"),
    ENXIO(6, "no such device or address"),
    E2BIG(7, "argument list too long"),
    ENOEXEC(8, "not an executable format"),
    EBADF(9, "bad file descriptor"),
    ECHILD(10, "no child"),
    EAGAIN(11, "try again"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied"),
    EFAULT(14, "bad address"),
    EBUSY(16, "busy"),
    EEXIST(17, "exists already"),
    EXDEV(18, "crosses a file system or mount"),
    ENODEV(19, "no such device"),
    ENOTDIR(20, "not a directory"),
    EISDIR(21, "is a directory"),
    EINVAL(22, "invalid argument"),
    ENFILE(23, "too many open files on the host"),
    EMFILE(24, "too many open files"),
    ENOTTY(25, "not a terminal"),
    ETXTBSY(26, "the file is open for writing"),
    EFBIG(27, "file too large"),
    ENOSPC(28, "no space left"),
    EROFS(30, "read-only file system"),
    EMLINK(31, "too many links"),
    EPIPE(32, "broken pipe"),
    ERANGE(34, "numerical result out of range"),
    ENAMETOOLONG(36, "name too long"),
    ENOSYS(38, "the kernel does not have this call"),
    ELOOP(40, "symbolic link where none is allowed"),
    EOVERFLOW(75, "value too large"),
    EUSERS(87, "too many nested user namespaces"),
    ENOTSOCK(88, "not a socket"),
    ECONNRESET(104, "connection reset by peer"),
    ENOTCONN(107, "not connected"),
    EMSGSIZE(90, "message too long"),
    EPROTONOSUPPORT(93, "protocol not supported"),
    EOPNOTSUPP(95, "not supported"),
    EAFNOSUPPORT(97, "address family not supported"),
    EADDRINUSE(98, "address in use"),
    ENOBUFS(105, "no buffer space"),
    ETIMEDOUT(110, "timed out"),
    ESTALE(116, "stale file handle"),
    EDQUOT(122, "quota exceeded"),
    ENOKEY(126, "required key not available");

    private static final Errno[] BY_NUMBER = new Errno[256];

    static {
        for (Errno errno : values()) {
            BY_NUMBER[errno.number] = errno;
        }
    }

    private final int number;
    private final String meaning;

    Errno(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /// The kernel's number.
    public int number() {
        return number;
    }

    /// The number as a failed binding returns it.
    public int negated() {
        return -number;
    }

    /// What it says, in words.
    public String meaning() {
        return meaning;
    }

    /// Whether `result` (>= 0, or a negated number) is this error.
    public boolean is(long result) {
        return result == -number;
    }

    /// The name of an error number, `E#n` for one that is not in the table.
    public static String nameOf(int number) {
        Errno errno = number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return errno == null ? "E#" + number : errno.name();
    }

    /// The meaning of an error number, in words.
    public static String meaningOf(int number) {
        Errno errno = number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return errno == null ? "error " + number : errno.meaning;
    }
}
