package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.policy.IdRange;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Writes the user maps of a new user namespace from outside (user_namespaces(7)): with the JVM's
/// own privilege, or by newuidmap(1) and newgidmap(1), which grant an ordinary user the ranges of
/// /etc/subuid and /etc/subgid.
@FunctionalInterface
interface UserMaps {

    /// Writes the maps of process `pid`; returns the problem, if there is one.
    Optional<RuntimeException> write(int pid);

    /// For launches that map themselves.
    UserMaps NONE = _ -> Optional.empty();

    /// The writer for `map`.
    static UserMaps of(UserMap map, boolean privileged) {
        return map instanceof UserMap.Ranges ranges
                ? pid -> privileged ? direct(pid, ranges) : byPrograms(pid, ranges)
                : NONE;
    }

    private static Optional<RuntimeException> direct(int pid, UserMap.Ranges ranges) {
        return write(pid, "uid_map", ranges.uids()).or(() -> write(pid, "gid_map", ranges.gids()));
    }

    private static Optional<RuntimeException> write(int pid, String file, List<IdRange> ranges) {
        StringBuilder lines = new StringBuilder();
        for (IdRange range : ranges) {
            lines.append("%d %d %d\n".formatted(range.inside(), range.outside(), range.count()));
        }
        try {
            Files.writeString(Path.of("/proc/" + pid + "/" + file), lines);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(failed(file + " " + ranges, e.getMessage()));
        }
    }

    private static Optional<RuntimeException> byPrograms(int pid, UserMap.Ranges ranges) {
        return run("newuidmap", pid, ranges.uids()).or(() -> run("newgidmap", pid, ranges.gids()));
    }

    private static Optional<RuntimeException> run(String program, int pid, List<IdRange> ranges) {
        List<String> words = new ArrayList<>(List.of(program, Integer.toString(pid)));
        for (IdRange range : ranges) {
            words.add(Long.toString(range.inside()));
            words.add(Long.toString(range.outside()));
            words.add(Long.toString(range.count()));
        }
        String detail = String.join(" ", words);
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of(failed(detail, "it does not end"));
            }
            return process.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of(
                            failed(detail, output.strip() + "; see /etc/subuid and /etc/subgid"));
        } catch (IOException e) {
            return Optional.of(failed(detail, e.getMessage() + "; install the package uidmap"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(failed(detail, "interrupted"));
        }
    }

    private static RuntimeException failed(String detail, String why) {
        return LaunchErrors.of(SetupStep.MAP_USERS, detail, why);
    }
}
