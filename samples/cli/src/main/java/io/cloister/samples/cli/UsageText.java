package io.cloister.samples.cli;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Pressure.Stall;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Units;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a run used, for people: a line for each kind, without what the host cannot tell.
final class UsageText {
    private final List<String> lines = new ArrayList<>();

    private UsageText() {}

    /// The lines, without the name of the command line in front.
    static List<String> of(ResourceUsage usage) {
        UsageText text = new UsageText();
        text.line(
                "time",
                Optional.of("wall " + show(usage.wallTime())),
                time("processor", usage.cpuTime()),
                time("user", usage.userTime()),
                time("system", usage.systemTime()));
        text.memory(usage.memory());
        text.line(
                "processes",
                count("peak", usage.processesPeak()),
                count("now", usage.processes()),
                count("switches waiting", usage.voluntarySwitches()),
                count("switches forced", usage.involuntarySwitches()));
        text.line(
                "page faults",
                count("minor", usage.minorFaults()),
                count("major", usage.majorFaults()));
        usage.io()
                .ifPresent(io ->
                        text.line(
                                "io",
                                Optional.of(
                                        "read %s in %d operations"
                                                .formatted(io.read(), io.readOperations())),
                                Optional.of(
                                        "written %s in %d operations"
                                                .formatted(io.written(), io.writeOperations()))));
        usage.throttling()
                .ifPresent(throttling ->
                        text.line(
                                "throttled",
                                Optional.of(
                                        "%d of %d periods"
                                                .formatted(
                                                        throttling.throttledPeriods(),
                                                        throttling.periods())),
                                time("waited", Optional.of(throttling.throttledTime()))));
        usage.pressure()
                .ifPresent(pressure ->
                        text.line(
                                "pressure",
                                Optional.of(stall("processor", pressure.cpu())),
                                Optional.of(stall("memory", pressure.memory())),
                                Optional.of(stall("io", pressure.io()))));
        usage.setUp()
                .ifPresent(times ->
                        text.line(
                                "set-up",
                                time("prepare", Optional.of(times.prepare())),
                                time("create", Optional.of(times.create())),
                                time("isolate", Optional.of(times.isolate())),
                                time("execute", Optional.of(times.execute()))));
        return List.copyOf(text.lines);
    }

    private void memory(MemoryUsage memory) {
        line(
                "memory",
                size("peak", memory.peak()),
                size("at the end", memory.current()),
                size("anonymous", memory.anonymous()),
                size("file", memory.file()),
                size("kernel", memory.kernel()),
                size("shared", memory.shared()),
                size("swap", memory.swap()));
    }

    @SafeVarargs
    private final void line(String name, Optional<String>... parts) {
        List<String> known = new ArrayList<>();
        for (Optional<String> part : parts) {
            part.ifPresent(known::add);
        }
        if (!known.isEmpty()) {
            lines.add(name + ": " + String.join(", ", known));
        }
    }

    private static Optional<String> count(String name, Optional<Long> count) {
        return count.map(value -> name + " " + value);
    }

    private static Optional<String> size(String name, Optional<Bytes> size) {
        return size.map(value -> name + " " + value);
    }

    private static Optional<String> time(String name, Optional<Duration> time) {
        return time.map(value -> name + " " + show(value));
    }

    private static String stall(String name, Stall stall) {
        return "%s %s (all waiting %s)".formatted(name, show(stall.some()), show(stall.full()));
    }

    private static String show(Duration time) {
        return Units.formatDuration(time.truncatedTo(ChronoUnit.MICROS));
    }
}
