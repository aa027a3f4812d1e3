package io.cloister.sandbox.linux.mount;

import java.util.Arrays;
import java.util.List;

/// One step in building a sandbox's tree. Paths are relative to its root, without a leading slash.
public sealed interface MountStep {

    /// A new tmpfs becomes the root under construction.
    record NewRoot(long size, long inodes) implements MountStep {}

    /// A directory of the host becomes the root under construction.
    record DirectoryRoot(Source source, boolean writable) implements MountStep {}

    /// A directory.
    record MakeDirectory(String path, int mode) implements MountStep {}

    /// An empty file, to mount something on.
    record MakeFile(String path) implements MountStep {}

    /// A file with content. Equal by content.
    record WriteFile(String path, byte[] content, int mode) implements MountStep {
        @Override
        public boolean equals(Object other) {
            return other instanceof WriteFile(String p, byte[] c, int m)
                    && path.equals(p)
                    && mode == m
                    && Arrays.equals(content, c);
        }

        @Override
        public int hashCode() {
            return 31 * path.hashCode() + Arrays.hashCode(content);
        }
    }

    /// A symbolic link.
    record MakeSymlink(String path, String target) implements MountStep {}

    /// A tree of the host, with every mount below it.
    ///
    /// @param attributes what to set on each mount of the tree
    record Bind(Source source, Target target, Attributes attributes) implements MountStep {}

    /// A device of the host's `/dev`, on a file made before.
    record Device(String name, Target target) implements MountStep {}

    /// One tmpfs that every user inside can write to, shown at each of `places`.
    record Scratch(List<String> places, long size, long inodes) implements MountStep {}

    /// A tmpfs of its own.
    record Tmpfs(Target target, long size, long inodes, int mode, boolean executable)
            implements MountStep {}

    /// The message queues of the new IPC namespace, directly in a tmpfs of the sandbox's own.
    record MessageQueues(Target target) implements MountStep {}

    /// Pseudo-terminals of the sandbox's own, directly in a tmpfs of its own.
    ///
    /// @param always whether also for a command that has no terminal itself: a launch pays for them
    record Terminals(Target target, boolean always) implements MountStep {}

    /// A procfs of the new PID namespace.
    record Proc(Target target, boolean processesOnly) implements MountStep {}

    /// The host's procfs, on the host's PID namespace.
    record HostProc(Target target) implements MountStep {}

    /// Hides an entry of the procfs mounted last, relative to it.
    record HideProc(String path, boolean directory) implements MountStep {}

    /// Makes an entry of the procfs mounted last read-only, relative to it.
    record ReadOnlyProc(String path) implements MountStep {}

    /// From here on the root's own mount is read-only.
    record SealRoot() implements MountStep {}

    /// Where a mount goes.
    ///
    /// @param path relative to the root
    /// @param own whether it lies directly in a tmpfs of the sandbox's own; else in a tree of the
    ///   host, to which others may write: then the path is resolved without following links
    record Target(String path, boolean own) {}

    /// Attributes of a mount.
    record Attributes(
            boolean readOnly, boolean noDevices, boolean noExecution, boolean noSymlinks) {}
}
