package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.AT_EMPTY_PATH;
import static io.cloister.sandbox.linux.program.Linux.AT_NO_AUTOMOUNT;
import static io.cloister.sandbox.linux.program.Linux.AT_SYMLINK_NOFOLLOW;
import static io.cloister.sandbox.linux.program.Linux.STATX_BASIC_STATS;

import io.cloister.sandbox.linux.program.Call;
import io.cloister.sandbox.linux.program.Linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// What statx(2) tells of a file.
///
/// @param result 0, or -errno; then the rest is 0
/// @param mode type and permission bits
/// @param links how many names it has
/// @param uid the owner
/// @param gid the group
/// @param size bytes
/// @param isMountRoot whether a mount begins here
/// @param accessed when it was read
/// @param modified when it was written
/// @param changed when its attributes changed
public record FileFacts(
        int result,
        int mode,
        int links,
        int uid,
        int gid,
        long size,
        boolean isMountRoot,
        Time accessed,
        Time modified,
        Time changed) {

    // struct statx { __u32 stx_mask, stx_blksize; __u64 stx_attributes; __u32 stx_nlink, stx_uid,
    //                stx_gid; __u16 stx_mode, pad; __u64 stx_ino, stx_size, stx_blocks,
    //                stx_attributes_mask; struct statx_timestamp stx_atime, stx_btime, stx_ctime,
    //                stx_mtime; ... }, 256 bytes; statx_timestamp { __s64 tv_sec; __u32 tv_nsec; }
    private static final int SIZE = 256;
    private static final int ATTRIBUTES = 8;
    private static final int LINKS = 16;
    private static final int UID = 20;
    private static final int GID = 24;
    private static final int MODE = 28;
    private static final int FILE_SIZE = 40;
    private static final int ACCESSED = 64;
    private static final int CHANGED = 96;
    private static final int MODIFIED = 112;

    /// A time as the kernel keeps it. The program that set it chose the seconds.
    public record Time(long seconds, int nanos) {}

    /// Of what a descriptor refers to.
    public static FileFacts of(int fd) {
        return ask(FileUser.self(), fd, "", AT_EMPTY_PATH);
    }

    /// Of the entry `name` of a directory; a link is not followed.
    static FileFacts of(FileUser user, int directory, String name) {
        return ask(user, directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
    }

    private static FileFacts ask(FileUser user, int fd, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(SIZE, 8);
            long path = arena.allocateFrom(name, StandardCharsets.ISO_8859_1).address();
            int result =
                    (int) user.call(Call.STATX, fd, path, flags, STATX_BASIC_STATS, out.address());
            // Where the kernel failed `out` is all zeroes.
            return new FileFacts(
                    result,
                    Short.toUnsignedInt(out.get(ValueLayout.JAVA_SHORT, MODE)),
                    out.get(ValueLayout.JAVA_INT, LINKS),
                    out.get(ValueLayout.JAVA_INT, UID),
                    out.get(ValueLayout.JAVA_INT, GID),
                    out.get(ValueLayout.JAVA_LONG, FILE_SIZE),
                    (out.get(ValueLayout.JAVA_LONG, ATTRIBUTES) & Linux.STATX_ATTR_MOUNT_ROOT) != 0,
                    time(out, ACCESSED),
                    time(out, MODIFIED),
                    time(out, CHANGED));
        }
    }

    private static Time time(MemorySegment out, int offset) {
        return new Time(
                out.get(ValueLayout.JAVA_LONG, offset), out.get(ValueLayout.JAVA_INT, offset + 8));
    }

    /// The type bits of the mode (`S_IFMT`).
    public int type() {
        return mode & Linux.S_IFMT;
    }

    /// The permission bits with set-uid, set-gid and sticky bit.
    public int permissions() {
        return mode & 07777;
    }
}
