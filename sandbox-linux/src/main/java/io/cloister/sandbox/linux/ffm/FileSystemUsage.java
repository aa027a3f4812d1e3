package io.cloister.sandbox.linux.ffm;

import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.program.Call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/// Asks what kind of file system it is, and what is left of it: fstatfs(2).
public final class FileSystemUsage {

    // struct statfs { long f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree; ... },
    // 120 bytes.
    private static final StructLayout STATFS =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("f_type"),
                    ValueLayout.JAVA_LONG.withName("f_bsize"),
                    ValueLayout.JAVA_LONG.withName("f_blocks"),
                    ValueLayout.JAVA_LONG.withName("f_bfree"),
                    ValueLayout.JAVA_LONG.withName("f_bavail"),
                    ValueLayout.JAVA_LONG.withName("f_files"),
                    ValueLayout.JAVA_LONG.withName("f_ffree"),
                    MemoryLayout.paddingLayout(64));

    private static final long KIND = offset("f_type");
    private static final long FREE_BLOCKS = offset("f_bfree");
    private static final long FREE_INODES = offset("f_ffree");

    private FileSystemUsage() {}

    private static long offset(String field) {
        return STATFS.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    /// The file system that `descriptor` belongs to. A descriptor that is open cannot fail.
    ///
    /// @throws IllegalStateException if the kernel refuses
    public static StartReport.Room of(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = ask(descriptor, arena);
            return new StartReport.Room(
                    status.get(ValueLayout.JAVA_LONG, FREE_BLOCKS),
                    status.get(ValueLayout.JAVA_LONG, FREE_INODES));
        }
    }

    /// The magic number of its kind of file system (linux/magic.h).
    ///
    /// @throws IllegalStateException if the kernel refuses
    public static long kindOf(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            return ask(descriptor, arena).get(ValueLayout.JAVA_LONG, KIND);
        }
    }

    private static MemorySegment ask(int descriptor, Arena arena) {
        MemorySegment status = arena.allocate(STATFS);
        long result = Kernel.call(Call.FSTATFS, descriptor, status.address());
        if (result < 0) {
            throw new IllegalStateException("fstatfs of " + descriptor + ": " + result);
        }
        return status;
    }
}
