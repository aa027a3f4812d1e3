package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The pid behind a pidfd.
final class ProcessIds {

    private static final String IDS = "NSpid:";

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

    /// The pid that the process itself sees; empty if the process is gone, or is in the JVM's own
    /// PID namespace. Source: `NSpid` of proc_pid_status(5), the ids in this namespace and in each
    /// one below it, to that of the process.
    static OptionalLong inside(int pidfd) {
        OptionalLong pid = ofPidfd(pidfd);
        if (pid.isEmpty()) {
            return pid;
        }
        List<String> ids;
        try {
            ids =
                    Files.readAllLines(Path.of("/proc/" + pid.getAsLong() + "/status")).stream()
                            .filter(line -> line.startsWith(IDS))
                            .flatMap(line ->
                                    Stream.of(line.substring(IDS.length()).strip().split("\\s+")))
                            .toList();
        } catch (IOException e) {
            if (ofPidfd(pidfd).isEmpty()) {
                return OptionalLong.empty();
            }
            throw new SandboxException("cannot read the pid of a command from /proc: " + e, e);
        }
        // Another process may have the number by now.
        return ids.size() < 2 || !ofPidfd(pidfd).equals(pid)
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(ids.getLast()));
    }
}
