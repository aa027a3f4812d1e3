package io.cloister.sandbox.learn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/// Where relative paths of a program start from. For the record alone: it may have moved on.
final class WorkDirectories {

    private static final int AT_FDCWD = -100;

    /// `path`, made absolute where the kernel tells how.
    ///
    /// @param thread who made the call
    /// @param directory the descriptor that the path starts from; empty: the working directory
    String absolute(long thread, OptionalInt directory, String path) {
        boolean own = directory.isEmpty() || directory.getAsInt() == AT_FDCWD;
        Path link =
                Path.of("/proc", Long.toString(thread), own ? "cwd" : "fd/" + directory.getAsInt());
        try {
            return Files.readSymbolicLink(link).resolve(path).normalize().toString();
        } catch (IOException e) {
            // The thread is gone, or its user's files are not ours to see: the path as it is.
            return path;
        }
    }
}
