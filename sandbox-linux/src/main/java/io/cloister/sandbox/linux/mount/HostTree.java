package io.cloister.sandbox.linux.mount;

import java.util.List;
import java.util.Optional;

/// What the host's file system has of the entries that a minimal root shows.
///
/// @param root top-level entries such as `usr`, `bin`, `lib64`
/// @param etc entries below `/etc`, by their path below it
/// @param proc entries below `/proc` that policies name
/// @param devices the names below `/dev` that exist as they should
/// @param resolverConfiguration the text of `/etc/resolv.conf`, for sandboxes on the host's network
public record HostTree(
        List<Entry> root,
        List<Entry> etc,
        List<ProcEntry> proc,
        List<String> devices,
        String resolverConfiguration) {

    /// An entry of a directory.
    ///
    /// @param name its path, relative to the directory
    /// @param directory whether it is a directory
    /// @param linkTarget the target, if it is a symbolic link
    public record Entry(String name, boolean directory, Optional<String> linkTarget) {}

    /// An entry of procfs.
    ///
    /// @param path absolute
    /// @param directory whether it is a directory
    /// @param closed whether only the host's root can open it (for writing, where it is meant to be
    ///   read-only); since that user is never mapped, such an entry needs no mount
    public record ProcEntry(String path, boolean directory, boolean closed) {}

    /// Copies the lists.
    public HostTree {
        root = List.copyOf(root);
        etc = List.copyOf(etc);
        proc = List.copyOf(proc);
        devices = List.copyOf(devices);
    }
}
