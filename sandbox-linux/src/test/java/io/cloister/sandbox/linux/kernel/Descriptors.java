package io.cloister.sandbox.linux.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Finds the numbers of descriptors that Java keeps to itself.
final class Descriptors {

    private Descriptors() {}

    /// The number of an open descriptor of this JVM that refers to `path`.
    static int of(Path path) throws IOException {
        String wanted = path.toRealPath().toString();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                if (target(link).equals(wanted)) {
                    return Integer.parseInt(link.getFileName().toString());
                }
            }
        }
        throw new IllegalStateException("no descriptor refers to " + path);
    }

    /// How many sockets are open.
    static long sockets() throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            long sockets = 0;
            for (Path link : links.toList()) {
                sockets += target(link).startsWith("socket:") ? 1 : 0;
            }
            return sockets;
        }
    }

    private static String target(Path link) throws IOException {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
