package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;

/// A writable file system in memory, empty at the start of each run.
///
/// It belongs to the user of the sandbox and is mounted `nosuid,nodev`. What is written to it
/// counts as memory of the run. Once it is full, writes and creations fail with `ENOSPC`, and the
/// whole tree is killed; the outcome is [io.cloister.sandbox.Outcome.LimitReached] with
/// [io.cloister.sandbox.Limit#DISK]. Source: tmpfs(5).
///
/// @param destination where it is put
/// @param size what its files may hold together, > 0
/// @param inodes how many files and directories it may hold, > 0
/// @param mode permissions of its top directory, 0 to 01777
public record Tmpfs(String destination, Bytes size, long inodes, int mode) implements Mount {
    /// How many files a file system in memory may hold unless it is said: 65536.
    public static final long DEFAULT_INODES = 65_536;

    /// The permissions of its top directory unless it is said: 0755.
    public static final int DEFAULT_MODE = 0755;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if one of them is out of its range
    public Tmpfs {
        Mount.checkDestination(destination);
        Numbers.positive("size of tmpfs " + destination, size);
        Numbers.positive("inodes of tmpfs " + destination, inodes);
        Numbers.mode(mode, 01777);
    }

    /// With [#DEFAULT_INODES] and [#DEFAULT_MODE].
    ///
    /// @param destination where it is put
    /// @param size what its files may hold together, > 0
    public Tmpfs(String destination, Bytes size) {
        this(destination, size, DEFAULT_INODES, DEFAULT_MODE);
    }
}
