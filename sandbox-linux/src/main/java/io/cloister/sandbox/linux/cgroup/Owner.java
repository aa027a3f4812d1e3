package io.cloister.sandbox.linux.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Who made a subtree: a process of one boot and one PID namespace. Its text is the name of the
/// subtree.
///
/// @param boot the first eight digits of the boot id
/// @param namespace the inodes of the PID namespace and of that of clocks
/// @param pid the process
/// @param start when it started, in clock ticks since the boot; a pid alone comes again
public record Owner(String boot, String namespace, long pid, long start) {

    private static final int MOST_SUBTREES = 1000;

    private static final Pattern NAME =
            Pattern.compile("cloister-([0-9a-f]{8})-([0-9]+)-([0-9]+)-([0-9]+)(?:\\.[0-9]+)?");

    /// This JVM.
    ///
    /// @param link the target of /proc/self/ns/pid, `pid:[4026531836]`
    static Owner self(CgroupView view, String link) {
        String boot = view.text("/proc/sys/kernel/random/boot_id").orElse("00000000");
        String stat = view.text("/proc/self/stat").orElseThrow();
        return new Owner(
                boot.substring(0, 8),
                link.replaceAll("[^0-9]", ""),
                Long.parseLong(stat.substring(0, stat.indexOf(' '))),
                start(stat));
    }

    /// This JVM, on the running host. Namespaces of processes and of clocks both count: a process
    /// of another one of clocks seems to have started at another time.
    public static Owner running(CgroupView view) {
        return self(view, link("pid") + link("time"));
    }

    private static String link(String namespace) {
        Path path = Path.of("/proc/self/ns", namespace);
        try {
            // Kernels before 5.6 have none of clocks.
            return Files.exists(path) ? Files.readSymbolicLink(path).toString() : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The owner that a name tells; empty if it is no name of ours.
    public static Optional<Owner> of(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                ? Optional.of(
                        new Owner(
                                matcher.group(1),
                                matcher.group(2),
                                Long.parseLong(matcher.group(3)),
                                Long.parseLong(matcher.group(4))))
                : Optional.empty();
    }

    /// The names of its subtrees, in the order to try: Cloister may be loaded more than once.
    public Stream<String> names() {
        return Stream.concat(
                Stream.of(name()),
                IntStream.rangeClosed(2, MOST_SUBTREES).mapToObj(n -> name() + "." + n));
    }

    /// The name of its first subtree.
    String name() {
        return "cloister-" + boot + "-" + namespace + "-" + pid + "-" + start;
    }

    /// Whether the two can see each other's pids, so that one can tell whether the other lives.
    public boolean isNeighbour(Owner other) {
        return boot.equals(other.boot) && namespace.equals(other.namespace);
    }

    /// Whether it lives. A process that has ended but was not waited for does not; one of which
    /// nothing can be read does.
    public boolean isAlive(CgroupView view) {
        if (!view.exists("/proc/" + pid)) {
            return false;
        }
        Optional<String> stat = view.text("/proc/" + pid + "/stat");
        return stat.isEmpty()
                || start(stat.get()) == start
                        && !(state(stat.get()).equals("Z") && threads(stat.get()) <= 1);
    }

    private static String state(String stat) {
        return fields(stat)[0];
    }

    private static long threads(String stat) {
        return Long.parseLong(fields(stat)[17]);
    }

    private static long start(String stat) {
        return Long.parseLong(fields(stat)[19]);
    }

    /// The fields from the third one on (proc_pid_stat(5)); the second is a name in parentheses,
    /// which may hold anything.
    private static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    }
}
