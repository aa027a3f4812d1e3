package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.ffm.Kernel.call;

import io.cloister.sandbox.linux.program.Call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/// System calls on small files and directories below a directory descriptor: what a file system of
/// the kernel, such as that of control groups, is operated with. Each returns a value >= 0, or
/// -errno. Thread-safe.
public final class FileCalls {

    private static final int O_WRONLY = 1;
    private static final int O_CLOEXEC = 0x80000;
    private static final int AT_REMOVEDIR = 0x200;

    private FileCalls() {}

    /// openat(2), always close-on-exec.
    ///
    /// @param directory an open directory, or `AT_FDCWD`
    public static int open(int directory, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return open(directory, arena.allocateFrom(name), flags);
        }
    }

    private static int open(int directory, MemorySegment name, int flags) {
        return (int) call(Call.OPENAT, directory, name.address(), flags | O_CLOEXEC, 0);
    }

    /// mkdirat(2).
    public static int makeDirectory(int directory, String name, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(Call.MKDIRAT, directory, arena.allocateFrom(name).address(), mode);
        }
    }

    /// unlinkat(2) of an empty directory.
    public static int removeDirectory(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    call(
                            Call.UNLINKAT,
                            directory,
                            arena.allocateFrom(name).address(),
                            AT_REMOVEDIR);
        }
    }

    /// fchownat(2).
    public static int changeOwner(int directory, String name, int uid, int gid) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    call(Call.FCHOWNAT, directory, arena.allocateFrom(name).address(), uid, gid, 0);
        }
    }

    /// Opens the file, writes `text` in one write(2), and closes it.
    ///
    /// @return the number of bytes that were written, or -errno of the call that failed
    public static int write(int directory, String name, String text) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = open(directory, arena.allocateFrom(name), O_WRONLY);
            if (fd < 0) {
                return fd;
            }
            try {
                return write(fd, text, arena);
            } finally {
                Kernel.close(fd);
            }
        }
    }

    /// Writes `text` at the start of an open file, with one pwrite64(2).
    public static int write(int fd, String text) {
        try (Arena arena = Arena.ofConfined()) {
            return write(fd, text, arena);
        }
    }

    private static int write(int fd, String text, Arena arena) {
        MemorySegment bytes = arena.allocateFrom(text, StandardCharsets.UTF_8);
        return (int) call(Call.PWRITE64, fd, bytes.address(), bytes.byteSize() - 1, 0);
    }

    /// pread64(2) into the start of `buffer`.
    public static int read(int fd, long offset, NativeBuffer buffer) {
        try {
            return (int) call(Call.PREAD64, fd, buffer.address(0), buffer.size(), offset);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /// Reads at `offset` of an open file with one pread64(2), whatever was read before.
    ///
    /// @return the number of bytes now in `target`, 0 at the end, or -errno
    public static int read(int fd, long offset, byte[] target) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(target.length, 8);
            int count = (int) call(Call.PREAD64, fd, bytes.address(), target.length, offset);
            if (count > 0) {
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, target, 0, count);
            }
            return count;
        }
    }
}
