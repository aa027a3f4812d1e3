package io.cloister.samples.build.surefire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.OptionalInt;

/// Where the relative paths of a thread start, as the kernel tells the host. The thread may have
/// moved on: this is for a report. Source: proc(5).
final class ThreadPaths {
    private static final int AT_FDCWD = -100;

    private ThreadPaths() {}

    /// The path with where it starts from, if that can be told; else as it was.
    static String absolute(long thread, Watched.NamedPath path) {
        if (path.text().startsWith("/") || path.text().isEmpty()) {
            return path.text();
        }
        OptionalInt directory = path.directory();
        boolean own = directory.isEmpty() || directory.getAsInt() == AT_FDCWD;
        Path links = Path.of("/proc/" + thread);
        try {
            Path start =
                    Files.readSymbolicLink(
                            links.resolve(own ? "cwd" : "fd/" + directory.getAsInt()));
            // The kernel tells it from the root of the mount tree, and so it does the root.
            Path root = Files.readSymbolicLink(links.resolve("root"));
            Path inside =
                    start.startsWith(root) ? Path.of("/").resolve(root.relativize(start)) : start;
            return inside.resolve(path.text()).toString();
        } catch (IOException | InvalidPathException e) {
            // It is gone, or its name is none in the locale of this virtual machine.
            return path.text();
        }
    }
}
