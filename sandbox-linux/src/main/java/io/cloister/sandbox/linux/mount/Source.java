package io.cloister.sandbox.linux.mount;

/// Where a bind comes from, as found at the time of the launch.
public sealed interface Source {

    /// Whether the mount point must be a directory.
    boolean directory();

    /// A path of the host that only the host's administrator can change.
    record Trusted(String path, boolean directory) implements Source {}

    /// A path that the child opens itself. It refuses to go on unless it finds the very inode that
    /// the JVM found, so that nobody can swap the path in between.
    ///
    /// @param path absolute, without symbolic links when it was resolved
    /// @param inode the inode number
    /// @param device major in the low, minor in the high 32 bits
    record Checked(String path, boolean directory, long inode, long device) implements Source {}

    /// A detached mount that the JVM prepared with its own rights, attributes included; passed as a
    /// descriptor.
    ///
    /// @param index which of the passed descriptors
    record Received(int index, boolean directory) implements Source {}
}
