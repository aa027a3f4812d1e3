package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandboxes;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What the host has of control groups, read from the kernel and not from the sandbox.
final class Cgroups {

    private static final HostReport HOST = Sandboxes.probe();

    private Cgroups() {}

    /// A hierarchy: where it is mounted, and which group of it that shows.
    ///
    /// @param version2 whether it is that of version 2
    /// @param root the group at the mount point
    /// @param point the mount point
    /// @param options among them the controllers, in version 1
    private record Hierarchy(boolean version2, String root, Path point, List<String> options) {

        /// A line of mountinfo; proc_pid_mountinfo(5).
        static Hierarchy of(String line) {
            List<String> fields = List.of(line.split(" "));
            int type = fields.indexOf("-") + 1;
            return new Hierarchy(
                    fields.get(type).equals("cgroup2"),
                    fields.get(3),
                    Path.of(fields.get(4)),
                    Arrays.asList(fields.get(type + 2).split(",")));
        }

        Path directory(String group) {
            String below = root.equals("/") ? group : group.substring(root.length());
            return Path.of(point + below);
        }
    }

    /// Aborts the test where the sandbox cannot limit through one of these controllers.
    static void assume(String... controllers) {
        for (String controller : controllers) {
            Feature feature = feature(controller);
            Assumptions.assumeTrue(
                    feature.status() == Status.AVAILABLE,
                    () -> "%s: %s".formatted(feature.name(), feature.detail()));
        }
    }

    /// Aborts the test where the sandbox cannot limit through this controller in version 2.
    static void assumeVersion2(String controller) {
        assume(controller);
        Assumptions.assumeFalse(
                isVersion1(controller), "needs " + controller + " in a hierarchy of version 2");
    }

    /// Aborts the test where the sandbox can limit through this controller.
    static void assumeWithout(String controller) {
        Assumptions.assumeFalse(isAvailable(controller), "needs a host without " + controller);
    }

    /// Aborts the test where runs have no control group of any kind.
    static void assumeAny() {
        Assumptions.assumeTrue(
                Stream.of("memory", "pids", "cpuacct").anyMatch(Cgroups::isAvailable),
                "no control group here, neither memory nor pids nor cpuacct");
    }

    static boolean isAvailable(String controller) {
        return feature(controller).status() == Status.AVAILABLE;
    }

    private static Feature feature(String controller) {
        String name = "control group " + controller;
        return HOST.features().stream()
                .filter(feature -> feature.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the probe has no " + name));
    }

    private static List<Hierarchy> hierarchies() {
        return Host.read("/proc/self/mountinfo")
                .lines()
                .filter(line -> line.contains(" - cgroup ") || line.contains(" - cgroup2 "))
                .map(Hierarchy::of)
                .toList();
    }

    /// Whether a controller is in a hierarchy of version 1.
    static boolean isVersion1(String controller) {
        return line(ProcessHandle.current().pid(), controller).isPresent();
    }

    /// The group of a controller in version 1, as the process has it; a line reads
    /// `4:memory:/group`.
    private static Optional<String> line(long pid, String controller) {
        return Host.read("/proc/" + pid + "/cgroup")
                .lines()
                .map(line -> line.split(":", 3))
                .filter(fields -> List.of(fields[1].split(",")).contains(controller))
                .map(fields -> fields[2])
                .findFirst();
    }

    /// The directory of a process's group that has this controller; in version 1 its own hierarchy.
    static Path directory(long pid, String controller) {
        Optional<String> group = line(pid, controller);
        boolean version2 = group.isEmpty();
        return hierarchies().stream()
                .filter(h -> h.version2() == version2)
                .filter(h -> version2 || h.options().contains(controller))
                .findFirst()
                .orElseThrow(() -> new AssertionError(controller + " is mounted nowhere"))
                .directory(group.or(() -> line(pid, "")).orElseThrow());
    }

    /// All groups that sandboxes of the JVM with this process id made, in every hierarchy.
    static List<Path> ofJvm(long pid) {
        return hierarchies().stream()
                .flatMap(hierarchy -> below(hierarchy.point()).stream())
                .filter(directory ->
                        directory.toString().matches(".*/cloister-[^/]*-%d-.*".formatted(pid)))
                .toList();
    }

    /// All directories below this one.
    static List<Path> below(Path directory) {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.filter(Files::isDirectory).toList()) {
                found.add(entry);
                found.addAll(below(entry));
            }
        } catch (IOException | UncheckedIOException e) {
            // A group that was removed meanwhile has none.
            return found;
        }
        return found;
    }

    /// The processor time of a process's group, in nanoseconds.
    static long cpuNanos(long pid) {
        if (isVersion1("cpuacct")) {
            return Long.parseLong(read(directory(pid, "cpuacct").resolve("cpuacct.usage")));
        }
        return 1000 * field(directory(pid, "cpuacct").resolve("cpu.stat"), "usage_usec");
    }

    /// The most memory that a process's group has had, in bytes.
    static long memoryPeak(long pid) {
        String file = isVersion1("memory") ? "memory.max_usage_in_bytes" : "memory.peak";
        return Long.parseLong(read(directory(pid, "memory").resolve(file)));
    }

    private static long field(Path file, String name) {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static String read(Path file) {
        return Host.read(file.toString()).strip();
    }
}
