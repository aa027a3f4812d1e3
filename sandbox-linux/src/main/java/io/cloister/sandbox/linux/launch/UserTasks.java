package io.cloister.sandbox.linux.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Counts what a user has of processes and threads.
final class UserTasks {

    /// How many more the user may come to have beside a run.
    private static final long SPARE = 512;

    private UserTasks() {}

    /// How many this JVM's user may have beside a run; those that `/proc` hides are not counted.
    static long expected() {
        Path self = Path.of("/proc/self");
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            Object user = Files.getAttribute(self, "unix:uid");
            long count = SPARE;
            for (Path process : processes) {
                count += threads(process, user);
            }
            return count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long threads(Path process, Object user) {
        try {
            if (!Files.getAttribute(process, "unix:uid").equals(user)) {
                return 0;
            }
            return Files.readString(process.resolve("status"))
                    .lines()
                    .filter(line -> line.startsWith("Threads:"))
                    .mapToLong(line -> Long.parseLong(line.substring(8).strip()))
                    .sum();
        } catch (IOException e) {
            // It has ended since it was listed.
            return 0;
        }
    }
}
