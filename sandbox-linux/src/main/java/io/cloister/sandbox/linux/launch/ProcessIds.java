package io.cloister.sandbox.linux.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// The pid behind a pidfd.
final class ProcessIds {

    private ProcessIds() {}

    /// The pid, in the JVM's own PID namespace; empty if the process is gone.
    static OptionalLong ofPidfd(int pidfd) {
        if (pidfd < 0) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(Path.of("/proc/self/fdinfo/" + pidfd)).stream()
                    .filter(line -> line.startsWith("Pid:"))
                    .mapToLong(line -> Long.parseLong(line.substring("Pid:".length()).trim()))
                    .filter(pid -> pid > 0)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
