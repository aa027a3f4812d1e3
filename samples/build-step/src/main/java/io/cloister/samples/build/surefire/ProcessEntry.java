package io.cloister.samples.build.surefire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A line of the host's list of processes. Source: proc_pid_status(5).
///
/// @param pid its id on the host
/// @param parent that of its parent
/// @param isInside whether it has a further id, in a namespace of a sandbox
/// @param isDead whether it waits for its parent alone
/// @param name as the kernel has it
record ProcessEntry(long pid, long parent, boolean isInside, boolean isDead, String name) {

    /// Behind the name, which stands in parentheses; `starttime` is the 22nd of all.
    private static final int START_FIELD = 19;

    private static final int LONGEST = 4096;

    /// USER_HZ, which is the same on all architectures of today.
    private static final double TICKS_PER_SECOND = 100;

    /// All processes that can be seen.
    static List<ProcessEntry> all() throws IOException {
        List<ProcessEntry> all = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            for (Path entry : entries.toList()) {
                if (Character.isDigit(entry.getFileName().toString().charAt(0))) {
                    read(entry).ifPresent(all::add);
                }
            }
        }
        return all;
    }

    /// Empty if the process is gone.
    private static Optional<ProcessEntry> read(Path directory) {
        try {
            Map<String, String> status = new HashMap<>();
            for (String line :
                    Files.readAllLines(directory.resolve("status"), StandardCharsets.ISO_8859_1)) {
                String[] parts = line.split(":\\s*", 2);
                status.put(parts[0], parts.length > 1 ? parts[1] : "");
            }
            return Optional.of(
                    new ProcessEntry(
                            Long.parseLong(directory.getFileName().toString()),
                            Long.parseLong(status.getOrDefault("PPid", "0")),
                            status.getOrDefault("NSpid", "").contains("\t"),
                            "ZX".contains(status.getOrDefault("State", "R").substring(0, 1)),
                            status.getOrDefault("Name", "")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// The beginning of its arguments, which may be megabytes; its name where it has none.
    String command() {
        try (InputStream in = Files.newInputStream(Path.of("/proc/" + pid + "/cmdline"))) {
            String words = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
            String command = words.replace('\0', ' ').strip();
            return command.isEmpty() ? "[" + name + "]" : command;
        } catch (IOException e) {
            return "[" + name + "]";
        }
    }

    /// When it was started, to some 10 ms; empty if it is gone. [ProcessHandle.Info] has it too,
    /// but knows the time of the boot in whole seconds.
    Optional<Instant> started() {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            double uptime =
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
            double age = uptime - Double.parseDouble(fields[START_FIELD]) / TICKS_PER_SECOND;
            return Optional.of(Instant.now().minusMillis((long) (age * 1000)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// What runs in the sandbox of a process beside it and those that it descends from, which are
    /// the sandbox's own.
    static List<ProcessEntry> beside(long pid, Collection<ProcessEntry> all) {
        Map<Long, ProcessEntry> byId =
                all.stream().collect(Collectors.toMap(ProcessEntry::pid, it -> it));
        Set<Long> own = new HashSet<>();
        Set<Long> inside = new HashSet<>();
        ProcessEntry at = byId.get(pid);
        while (at != null && at.isInside) {
            own.add(at.pid);
            inside.clear();
            inside.add(at.pid);
            at = byId.get(at.parent);
        }
        // The first process of the sandbox; then its children, theirs, and so on.
        while (all.stream()
                .filter(it -> inside.contains(it.parent))
                .map(it -> inside.add(it.pid))
                .reduce(false, Boolean::logicalOr)) {}
        return all.stream()
                .filter(it -> inside.contains(it.pid) && !own.contains(it.pid) && !it.isDead)
                .toList();
    }
}
