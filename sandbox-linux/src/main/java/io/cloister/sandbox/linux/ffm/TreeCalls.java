package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.AT_FDCWD;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_CREAT;
import static io.cloister.sandbox.linux.program.Linux.O_EXCL;
import static io.cloister.sandbox.linux.program.Linux.O_NOCTTY;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;
import static io.cloister.sandbox.linux.program.Linux.O_PATH;
import static io.cloister.sandbox.linux.program.Linux.O_WRONLY;
import static io.cloister.sandbox.linux.program.Linux.RESOLVE_IN_ROOT;
import static io.cloister.sandbox.linux.program.Linux.RESOLVE_NO_MAGICLINKS;
import static io.cloister.sandbox.linux.program.Linux.RESOLVE_NO_SYMLINKS;
import static io.cloister.sandbox.linux.program.Linux.RESOLVE_NO_XDEV;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.Call;
import io.cloister.sandbox.linux.program.CpuArchitecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// System calls on a tree that somebody else has made and may be changing, below a directory
/// descriptor, with the rights of one user. No link is followed but by [#resolve], inside its root.
/// Names are bytes: each character stands for one. Each returns a value >= 0, or -errno.
/// Thread-safe.
public final class TreeCalls {

    private static final boolean ARM = Kernel.cpu() == CpuArchitecture.AARCH64;
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;

    // These two differ between the CPUs.
    private static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
    private static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
    private static final int O_NOATIME = 0x40000;

    private static final int AT_REMOVEDIR = 0x200;
    private static final int BATCH = 32 * 1024;
    private static final int OPEN_HOW = 24;
    private static final int MAX_LINK = 4096;
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long UTIME_OMIT = (1L << 30) - 2;

    /// The kernel gives up a look-up that a rename has disturbed (EAGAIN). A program can keep that
    /// up; but each attempt takes it luck.
    private static final int ATTEMPTS = 1000;

    // struct linux_dirent64 { ino64_t d_ino; off64_t d_off; unsigned short d_reclen;
    //                         unsigned char d_type; char d_name[]; }
    private static final int RECORD_LENGTH = 16;
    private static final int NAME = 19;

    private static final TreeCalls AS_SELF = new TreeCalls(FileUser.self());

    private final FileUser user;

    private TreeCalls(FileUser user) {
        this.user = user;
    }

    /// With the rights of the JVM.
    public static TreeCalls asSelf() {
        return AS_SELF;
    }

    /// With the rights of this user.
    public static TreeCalls as(FileUser user) {
        return new TreeCalls(user);
    }

    /// Refers to what is at `path`, as if `root` were the root: openat2(2). Links on the way are
    /// followed inside the root, one at the end if `followLast`, and never those of `/proc`.
    public int resolve(int root, String path, boolean followLast) {
        int flags = O_PATH | (followLast ? 0 : O_NOFOLLOW);
        return open(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    }

    /// Refers to a path of the host, if no link is on the way to it.
    public int resolveOnHost(String path) {
        return open(AT_FDCWD, path, O_PATH, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    }

    /// Refers to the entry `name`, whatever it is: a link to itself. A mount is not entered
    /// (EXDEV).
    public int refer(int directory, String name) {
        return open(directory, name, O_PATH | O_NOFOLLOW, RESOLVE_NO_XDEV);
    }

    /// Refers to the directory `name`, whatever its mode. A mount is not entered (EXDEV).
    public int referDirectory(int directory, String name) {
        return open(directory, name, O_PATH | O_NOFOLLOW | O_DIRECTORY, RESOLVE_NO_XDEV);
    }

    /// Refers to the directory at `path` below `root`, if no link is on the way to it.
    public int resolveDirectory(int root, String path) {
        return open(
                root,
                path,
                O_PATH | O_NOFOLLOW | O_DIRECTORY,
                RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    }

    private int open(int directory, String path, int flags, long resolve) {
        try (Arena arena = Arena.ofConfined()) {
            // struct open_how { __u64 flags, mode, resolve; }
            MemorySegment how = arena.allocate(OPEN_HOW, 8);
            how.set(ValueLayout.JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            long name = arena.allocateFrom(path, BYTES).address();
            long result = 0;
            for (int i = 0; i < ATTEMPTS; i++) {
                result = user.call(Call.OPENAT2, directory, name, how.address(), OPEN_HOW);
                if (!Errno.EAGAIN.is(result)) {
                    break;
                }
            }
            return (int) result;
        }
    }

    /// Opens a directory to list it.
    public int openDirectory(int directory, String name) {
        return openDirectory(directory, name, 0);
    }

    /// Opens a directory to list it, which leaves its time of access as it is. EPERM to who is
    /// neither its owner nor privileged.
    public int openDirectoryUnseen(int directory, String name) {
        return openDirectory(directory, name, O_NOATIME);
    }

    private int openDirectory(int directory, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    user.call(
                            Call.OPENAT,
                            directory,
                            arena.allocateFrom(name, BYTES).address(),
                            O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | flags,
                            0);
        }
    }

    /// Opens what a descriptor refers to, of which is known that it is a regular file. Does not
    /// wait for somebody who has a lease on it (EAGAIN) - fcntl(2).
    public int reopen(int fd, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    user.call(
                            Call.OPENAT,
                            AT_FDCWD,
                            pathOf(fd, arena),
                            flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                            0);
        }
    }

    /// A descriptor has a name of its own, which leads to what it refers to, not to a path.
    private static long pathOf(int fd, Arena arena) {
        return arena.allocateFrom("/proc/self/fd/" + fd).address();
    }

    /// Makes a regular file and opens it to write. It must not exist (EEXIST).
    public int createFile(int directory, String name, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    user.call(
                            Call.OPENAT,
                            directory,
                            arena.allocateFrom(name, BYTES).address(),
                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                            mode);
        }
    }

    /// symlinkat(2).
    public int createLink(int directory, String name, String target) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    user.call(
                            Call.SYMLINKAT,
                            arena.allocateFrom(target, BYTES).address(),
                            directory,
                            arena.allocateFrom(name, BYTES).address());
        }
    }

    /// The target of the link that a descriptor refers to: readlinkat(2).
    ///
    /// @param target the target is appended to it
    public int readLink(int link, StringBuilder target) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_LINK);
            long empty = arena.allocateFrom("").address();
            int length = (int) user.call(Call.READLINKAT, link, empty, buffer.address(), MAX_LINK);
            if (length > 0) {
                target.append(
                        new String(
                                buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), BYTES));
            }
            return length;
        }
    }

    /// mkdirat(2).
    public int makeDirectory(int directory, String name, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(name, BYTES).address();
            return (int) user.call(Call.MKDIRAT, directory, path, mode);
        }
    }

    /// statx(2) of the entry `name`; a link is not followed.
    public FileFacts facts(int directory, String name) {
        return FileFacts.of(user, directory, name);
    }

    /// flistxattr(2): how many bytes the names of extended attributes take, or -errno.
    public int extendedAttributes(int fd) {
        return (int) Kernel.call(Call.FLISTXATTR, fd, 0, 0);
    }

    /// The flags that chattr(1) sets, or -errno (ENOTTY: this file system has none) -
    /// FS_IOC_GETFLAGS(2const).
    public int inodeFlags(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            // "the argument is actually a pointer to int" - FS_IOC_GETFLAGS(2const)
            MemorySegment flags = arena.allocate(8, 8);
            int result = (int) Kernel.call(Call.IOCTL, fd, FS_IOC_GETFLAGS, flags.address());
            return result < 0 ? result : flags.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /// Sets the mode of what a descriptor refers to, also one of [#refer]; no link.
    public int changeMode(int fd, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) user.call(Call.FCHMODAT, AT_FDCWD, pathOf(fd, arena), mode);
        }
    }

    /// Sets when a file or directory was modified, and leaves the time of access: utimensat(2).
    public int changeTime(int fd, FileFacts.Time modified) {
        return changeTimes(fd, new FileFacts.Time(0, (int) UTIME_OMIT), modified);
    }

    /// Sets when a file or directory was read and modified: utimensat(2).
    public int changeTimes(int fd, FileFacts.Time accessed, FileFacts.Time modified) {
        try (Arena arena = Arena.ofConfined()) {
            // struct timespec times[2]: access, modification
            MemorySegment times = arena.allocate(32, 8);
            times.set(ValueLayout.JAVA_LONG, 0, accessed.seconds());
            times.set(ValueLayout.JAVA_LONG, 8, accessed.nanos());
            times.set(ValueLayout.JAVA_LONG, 16, modified.seconds());
            times.set(ValueLayout.JAVA_LONG, 24, modified.nanos());
            return (int) user.call(Call.UTIMENSAT, AT_FDCWD, pathOf(fd, arena), times.address(), 0);
        }
    }

    /// unlinkat(2) of what is no directory (EISDIR).
    public int removeFile(int directory, String name) {
        return remove(directory, name, 0);
    }

    /// unlinkat(2) of an empty directory.
    public int removeDirectory(int directory, String name) {
        return remove(directory, name, AT_REMOVEDIR);
    }

    private int remove(int directory, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    user.call(
                            Call.UNLINKAT,
                            directory,
                            arena.allocateFrom(name, BYTES).address(),
                            flags);
        }
    }

    /// renameat2(2) without flags.
    public int rename(int from, String name, int to, String newName) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    user.call(
                            Call.RENAMEAT2,
                            from,
                            arena.allocateFrom(name, BYTES).address(),
                            to,
                            arena.allocateFrom(newName, BYTES).address(),
                            0);
        }
    }

    /// getdents64(2): the next names, without `.` and `..`.
    ///
    /// @return the number of bytes that were read; 0: there are no more
    public int list(int directory, List<String> names) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BATCH, 8);
            int length = (int) Kernel.call(Call.GETDENTS64, directory, buffer.address(), BATCH);
            for (int at = 0; at < length; ) {
                String name = buffer.getString(at + NAME, BYTES);
                if (!name.equals(".") && !name.equals("..")) {
                    names.add(name);
                }
                at += Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, at + RECORD_LENGTH));
            }
            return length;
        }
    }
}
