package io.cloister.sandbox.policy;

import io.cloister.sandbox.check.Paths;

/// Something that is put at one place of the sandbox's file tree.
///
/// Mounts are made in their order, so one that comes later covers what lies below its destination.
/// Where the tree is the sandbox's own, directories on the way to a destination are created as
/// needed. Nothing is ever created in a tree of the host: inside a bind or a directory root the
/// destination of a bind or tmpfs must exist, the way to it must not lead over links, and there can
/// be no files, links or empty directories.
public sealed interface Mount permits Bind, Tmpfs, FileContent, Symlink, EmptyDirectory, Terminals {

    /// {@return the place: an absolute path inside the sandbox}
    String destination();

    /// Checks a destination: an absolute path without `.` and `..`, control characters, doubled or
    /// trailing slashes; neither the root nor anything of `/proc`, which [ProcFilesystem]
    /// describes.
    ///
    /// @param destination the path
    /// @return `destination`
    /// @throws IllegalArgumentException if it is none
    static String checkDestination(String destination) {
        Paths.place("destination", destination);
        if (destination.equals("/proc") || destination.startsWith("/proc/")) {
            throw new IllegalArgumentException(
                    "destination must not be /proc or below it, was \""
                            + destination
                            + "\"; see ProcFilesystem");
        }
        return destination;
    }
}
