package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.ffm.Kernel.call;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_PATH;

import io.cloister.sandbox.linux.program.Call;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// System calls on a tree that somebody else has made, below a directory descriptor. No link is
/// followed. Names are bytes: each character stands for one. Each returns a value >= 0, or -errno.
/// Thread-safe.
public final class TreeCalls {

    private static final boolean ARM = Kernel.cpu() == CpuArchitecture.AARCH64;
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;

    // These two differ between the CPUs.
    private static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
    private static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;

    private static final int AT_REMOVEDIR = 0x200;
    private static final int BATCH = 32 * 1024;

    // struct linux_dirent64 { ino64_t d_ino; off64_t d_off; unsigned short d_reclen;
    //                         unsigned char d_type; char d_name[]; }
    private static final int RECORD_LENGTH = 16;
    private static final int NAME = 19;

    private TreeCalls() {}

    /// Opens a directory to list it.
    public static int openDirectory(int directory, String name) {
        return open(directory, name, 0);
    }

    /// Refers to a directory, whatever its mode.
    public static int refer(int directory, String name) {
        return open(directory, name, O_PATH);
    }

    private static int open(int directory, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    call(
                            Call.OPENAT,
                            directory,
                            arena.allocateFrom(name, BYTES).address(),
                            flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                            0);
        }
    }

    /// mkdirat(2).
    public static int makeDirectory(int directory, String name, int mode) {
        return FileCalls.makeDirectory(directory, name, mode);
    }

    /// Sets the mode of what a descriptor refers to, also one of [#refer].
    public static int changeMode(int fd, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/proc/self/fd/" + fd);
            return (int) call(Call.FCHMODAT, Linux.AT_FDCWD, path.address(), mode);
        }
    }

    /// unlinkat(2) of what is no directory (EISDIR).
    public static int removeFile(int directory, String name) {
        return remove(directory, name, 0);
    }

    /// unlinkat(2) of an empty directory.
    public static int removeDirectory(int directory, String name) {
        return remove(directory, name, AT_REMOVEDIR);
    }

    private static int remove(int directory, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    call(
                            Call.UNLINKAT,
                            directory,
                            arena.allocateFrom(name, BYTES).address(),
                            flags);
        }
    }

    /// renameat2(2) without flags.
    public static int rename(int from, String name, int to, String newName) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    call(
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
    public static int list(int directory, List<String> names) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BATCH, 8);
            int length = (int) call(Call.GETDENTS64, directory, buffer.address(), BATCH);
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
