package io.cloister.sandbox.learn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// Where descriptors and relative paths of a program lead, as the program sees it. For the record
/// alone: it may have moved on. Source: proc(5).
final class ProcessLinks {

    private static final int AT_FDCWD = -100;

    /// `path`, made absolute where the kernel tells how.
    ///
    /// @param thread who made the call
    /// @param directory the descriptor that the path starts from; empty: the working directory
    String absolute(long thread, OptionalInt directory, String path) {
        boolean own = directory.isEmpty() || directory.getAsInt() == AT_FDCWD;
        try {
            return (own ? link(thread, "cwd") : descriptor(thread, directory.getAsInt()))
                    .map(start -> Path.of(start).resolve(path).normalize().toString())
                    .orElse(path);
        } catch (InvalidPathException e) {
            // It has a character that file names of this JVM's locale cannot have.
            return path;
        }
    }

    /// The file behind a descriptor; empty if it has no path.
    Optional<String> descriptor(long thread, int descriptor) {
        return link(thread, "fd/" + descriptor);
    }

    /// The program that a thread executes.
    Optional<String> program(long thread) {
        return link(thread, "exe");
    }

    /// The kernel tells a path as it is seen from the outermost root of the program's mount tree,
    /// of which the program's own root may be a part.
    private static Optional<String> link(long thread, String name) {
        Path directory = Path.of("/proc", Long.toString(thread));
        try {
            Path root = Files.readSymbolicLink(directory.resolve("root"));
            Path target = Files.readSymbolicLink(directory.resolve(name));
            return target.startsWith(root)
                    ? Optional.of("/" + root.relativize(target))
                    : Optional.of(target.toString()).filter(path -> path.startsWith("/"));
        } catch (IOException e) {
            // The thread is gone, or its user's files are not ours to see.
            return Optional.empty();
        }
    }
}
