package io.cloister.sandbox.policy;

import io.cloister.sandbox.check.Paths;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/// What `/proc` of a sandbox shows. Source: proc(5).
///
/// @param view how much of it there is
/// @param masked paths that are hidden: a file reads as empty, a directory has nothing in it; where
///   the kernel has no such path it is passed over
/// @param readOnly paths that cannot be written to: writing fails with `EROFS`
public record ProcFilesystem(View view, List<String> masked, List<String> readOnly) {
    private static final Pattern PROCESS = Pattern.compile("^/proc/(self|thread-self|[0-9]+)(/|$)");
    private static final List<String> MASKED =
            List.of(
                    "/proc/acpi",
                    "/proc/asound",
                    "/proc/interrupts",
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/key-users",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug",
                    "/proc/scsi",
                    "/proc/kmsg",
                    "/proc/kpagecount",
                    "/proc/kpageflags",
                    "/proc/kpagecgroup",
                    "/proc/slabinfo",
                    "/proc/vmallocinfo",
                    "/proc/config.gz",
                    "/proc/modules");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /// How much of `/proc` there is.
    public enum View {
        /// Processes of the sandbox and the kernel's own files, as far as they are not hidden.
        FULL,
        /// Processes of the sandbox alone (`subset=pid`). Needs Linux 5.8.
        PROCESSES_ONLY,
        /// No `/proc`. Many programs do not work then.
        ABSENT;

        /// {@return the name in JSON: `full`, `processesOnly`, `absent`}
        public String label() {
            return switch (this) {
                case FULL -> "full";
                case PROCESSES_ONLY -> "processesOnly";
                case ABSENT -> "absent";
            };
        }
    }

    /// Checks and copies the lists.
    ///
    /// @throws IllegalArgumentException if a path does not lie below `/proc`, or occurs twice
    public ProcFilesystem {
        Objects.requireNonNull(view, "view");
        masked = List.copyOf(masked);
        readOnly = List.copyOf(readOnly);
        List<String> seen = new ArrayList<>();
        for (String path : masked) {
            check(path, seen);
        }
        for (String path : readOnly) {
            check(path, seen);
        }
    }

    /// {@return the default: the full view, with what tells about or reaches the host hidden or
    /// read-only}
    public static ProcFilesystem standard() {
        return new ProcFilesystem(View.FULL, MASKED, READ_ONLY);
    }

    /// {@return this `/proc` with another view}
    ///
    /// @param other the view
    public ProcFilesystem view(View other) {
        return new ProcFilesystem(other, masked, readOnly);
    }

    /// {@return this `/proc` with one more path hidden; one that was read-only is hidden instead}
    ///
    /// @param path a path below `/proc`
    public ProcFilesystem hide(String path) {
        if (masked.contains(path)) {
            return this;
        }
        return new ProcFilesystem(view, with(masked, path), without(readOnly, path));
    }

    /// {@return this `/proc` with one more path read-only; one that is hidden stays hidden}
    ///
    /// @param path a path below `/proc`
    public ProcFilesystem protect(String path) {
        if (masked.contains(path) || readOnly.contains(path)) {
            return this;
        }
        return new ProcFilesystem(view, masked, with(readOnly, path));
    }

    private static List<String> with(List<String> paths, String path) {
        List<String> more = new ArrayList<>(paths);
        more.add(path);
        return more;
    }

    private static List<String> without(List<String> paths, String path) {
        return paths.stream().filter(each -> !each.equals(path)).toList();
    }

    private static void check(String path, List<String> seen) {
        Paths.place("a path of proc", path);
        if (!path.startsWith("/proc/")) {
            throw new IllegalArgumentException(
                    "a path of proc must lie below /proc, was \"" + path + "\"");
        }
        if (PROCESS.matcher(path).find()) {
            throw new IllegalArgumentException(
                    "a path of proc must not lie in a process's directory, was \"" + path + "\"");
        }
        if (seen.contains(path)) {
            throw new IllegalArgumentException(
                    "a path of proc must be hidden or read-only once, was twice \"" + path + "\"");
        }
        seen.add(path);
    }
}
