package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;
import static io.cloister.sandbox.linux.program.Linux.S_IFLNK;
import static io.cloister.sandbox.linux.program.Linux.S_IFREG;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.FileSystemUsage;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.util.Arrays;
import java.util.Set;

/// Moves the bytes of files. Not thread-safe.
///
/// The size that a file says it has is only a hint: it may grow or shrink meanwhile, or have holes.
/// What counts is what read(2) returns, and one byte more than allowed is too much.
final class Content {

    private static final int CHUNK = 64 * 1024;

    /// File systems whose files are an interface of the kernel: to read or write one may do
    /// something. Source: linux/magic.h.
    private static final Set<Long> INTERFACES =
            Set.of(
                    0x9fa0L, // proc
                    0x62656572L, // sysfs
                    0x27e0ebL, // cgroup
                    0x63677270L, // cgroup2
                    0x64626720L, // debugfs
                    0x74726163L, // tracefs
                    0x73636673L, // securityfs
                    0xf97cff8cL, // selinuxfs
                    0x43415d53L, // smackfs
                    0xcafe4a11L, // bpf
                    0x6165676cL, // pstore
                    0xde5e81e4L, // efivarfs
                    0x62656570L, // configfs
                    0x42494e4dL, // binfmt_misc
                    0x1cd1L, // devpts
                    0x6e736673L, // nsfs
                    0x07655821L, // resctrl
                    0x6c6f6f70L); // binder

    private final NativeBuffer buffer = new NativeBuffer(CHUNK);
    private final String operation;
    private final String path;

    /// @param operation what it is for, for messages
    /// @param path with which file, for messages
    Content(String operation, String path) {
        this.operation = operation;
        this.path = path;
    }

    /// Refuses all but a regular file of an ordinary file system, by a descriptor that reads
    /// nothing.
    static FileFacts checkFile(String operation, String path, int reference) {
        FileFacts facts = FileFacts.of(reference);
        FileErrors.check(operation, path, facts.result());
        if (facts.type() != S_IFREG) {
            throw notRegular(operation, path, facts);
        }
        checkFileSystem(operation, path, reference);
        return facts;
    }

    /// The exception for what is no regular file.
    static SandboxFileException notRegular(String operation, String path, FileFacts facts) {
        return switch (facts.type()) {
            case S_IFDIR ->
                    FileErrors.of(operation, path, Reason.IS_DIRECTORY, "a file is wanted here");
            case S_IFLNK ->
                    FileErrors.of(
                            operation,
                            path,
                            Reason.LINK,
                            "it is a symbolic link; give the path that it leads to, or ask to"
                                    + " follow it where that can be asked for");
            default ->
                    FileErrors.of(
                            operation,
                            path,
                            Reason.NOT_REGULAR,
                            "it is no regular file, but a " + Kinds.word(facts));
        };
    }

    /// Refuses what lies on a file system that is an interface of the kernel.
    static void checkFileSystem(String operation, String path, int reference) {
        long kind = FileSystemUsage.kindOf(reference);
        if (INTERFACES.contains(kind)) {
            throw FileErrors.of(
                    operation,
                    path,
                    Reason.NOT_REGULAR,
                    "it lies on a file system that is an interface of the kernel (0x%x)"
                            .formatted(kind));
        }
    }

    /// All bytes of an open file.
    byte[] readAll(int fd, long size, Bytes cap) {
        checkSize(size, cap.value());
        byte[] bytes = new byte[(int) Math.min(size, cap.value())];
        int length = 0;
        while (true) {
            int count = readSome(fd);
            if (count == 0) {
                return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
            }
            checkSize((long) length + count, cap.value());
            if (length + count > bytes.length) {
                long grown = Math.max(length + count, Math.min(bytes.length * 2L, cap.value()));
                bytes = Arrays.copyOf(bytes, (int) grown);
            }
            buffer.get(0, bytes, length, count);
            length += count;
        }
    }

    /// Writes all bytes.
    void writeAll(int fd, byte[] bytes) {
        for (int done = 0; done < bytes.length; ) {
            int count = Math.min(CHUNK, bytes.length - done);
            buffer.put(bytes, done, count);
            writeChunk(fd, count);
            done += count;
        }
    }

    /// Copies all bytes of an open file to another.
    ///
    /// @param size what the file says it has
    /// @param cap how many may be copied
    /// @return how many were copied
    long copy(int from, int to, long size, long cap) {
        checkSize(size, cap);
        long total = 0;
        while (true) {
            int count = readSome(from);
            if (count == 0) {
                return total;
            }
            total += count;
            checkSize(total, cap);
            writeChunk(to, count);
        }
    }

    private int readSome(int fd) {
        Interruption.check(operation, path);
        return FileErrors.check(operation, path, Kernel.read(fd, buffer, CHUNK));
    }

    /// A regular file takes all or fails, but for one that becomes full: then the next call tells.
    private void writeChunk(int fd, int length) {
        Interruption.check(operation, path);
        int done = FileErrors.check(operation, path, Kernel.write(fd, buffer, length));
        while (done < length) {
            byte[] rest = new byte[length - done];
            buffer.get(done, rest, 0, rest.length);
            done += FileErrors.check(operation, path, Kernel.write(fd, rest, 0, rest.length));
        }
    }

    private void checkSize(long size, long cap) {
        if (size > cap) {
            throw FileErrors.of(
                    operation,
                    path,
                    Reason.TOO_LARGE,
                    "it has more than %s; allow more, or expect less".formatted(Bytes.of(cap)));
        }
    }
}
