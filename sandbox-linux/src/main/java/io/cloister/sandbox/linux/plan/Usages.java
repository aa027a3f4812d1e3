package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.limit.Metric.*;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.IoUsage;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Pressure;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Throttling;
import io.cloister.sandbox.linux.limit.CgroupReading;
import io.cloister.sandbox.linux.limit.Metric;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/// Puts together what is known of the usage of a run. What nobody counted stays empty.
public final class Usages {

    /// The first process, which is not the program's.
    private static final long OWN_PROCESSES = 1;

    private Usages() {}

    /// The usage at the end. The control group counts more than the report: also processes that
    /// nobody waited for; but the first process's own set-up too, which the report tells apart.
    static ResourceUsage.Builder of(
            Duration wall, Optional<EndReport> report, Optional<GroupEnd> group) {
        ResourceUsage.Builder usage = ResourceUsage.builder(wall);
        report.ifPresent(end -> reported(usage, end));
        group.ifPresent(end -> {
            counted(usage, end.reading(), report.map(r -> r.used().largestResidentBytes()));
            times(usage, end.reading(), end.foreignNanos());
        });
        return usage;
    }

    /// The processor time at the end.
    static Optional<Duration> cpuTime(Optional<EndReport> report, Optional<GroupEnd> group) {
        Optional<Duration> counted =
                group.flatMap(end ->
                        end.reading()
                                .get(CPU_NANOS)
                                .map(nanos -> minus(nanos, end.foreignNanos())));
        return counted.or(() -> report.map(end -> end.used().cpuTime()));
    }

    /// The usage so far.
    ///
    /// @param foreignNanos how much of what the group has counted was not the program's
    public static ResourceUsage.Builder live(
            Duration wall, CgroupReading reading, long foreignNanos) {
        ResourceUsage.Builder usage = ResourceUsage.builder(wall);
        counted(usage, reading, Optional.empty());
        times(usage, reading, foreignNanos);
        return usage;
    }

    private static void reported(ResourceUsage.Builder usage, EndReport end) {
        EndReport.Used used = end.used();
        usage.userTime(used.userTime())
                .systemTime(used.systemTime())
                .memory(
                        new MemoryUsage(
                                Optional.of(Bytes.of(used.largestResidentBytes())),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                .minorFaults(used.minorFaults())
                .majorFaults(used.majorFaults())
                .voluntarySwitches(used.voluntarySwitches())
                .involuntarySwitches(used.involuntarySwitches());
    }

    /// What is not the program's is all but system time.
    private static void times(
            ResourceUsage.Builder usage, CgroupReading reading, long foreignNanos) {
        if (reading.get(CPU_NANOS).isEmpty()) {
            return;
        }
        Duration total = minus(reading.get(CPU_NANOS).get(), foreignNanos);
        Optional<Duration> user =
                reading.get(CPU_USER_NANOS)
                        .map(nanos -> Math.min(nanos, total.toNanos()))
                        .map(Duration::ofNanos);
        usage.cpuTime(total).userTime(user).systemTime(user.map(total::minus));
    }

    private static Duration minus(long nanos, long less) {
        return Duration.ofNanos(Math.max(0, nanos - less));
    }

    /// @param largest the peak of the largest process, where the kernel has none of the group
    private static void counted(
            ResourceUsage.Builder usage, CgroupReading r, Optional<Long> largest) {
        if (r.get(MEMORY_CURRENT).isPresent() || r.get(MEMORY_PEAK).isPresent()) {
            usage.memory(
                    new MemoryUsage(
                            r.get(MEMORY_PEAK).or(() -> largest).map(Bytes::of),
                            bytes(r, MEMORY_CURRENT),
                            bytes(r, MEMORY_ANONYMOUS),
                            bytes(r, MEMORY_FILE),
                            bytes(r, MEMORY_KERNEL),
                            bytes(r, MEMORY_SHARED),
                            bytes(r, MEMORY_SWAP)));
        }
        if (r.get(PAGE_FAULTS).isPresent()) {
            long major = number(r, MAJOR_PAGE_FAULTS);
            usage.minorFaults(r.get(PAGE_FAULTS).map(all -> Math.max(0, all - major)));
            usage.majorFaults(r.get(MAJOR_PAGE_FAULTS));
        }
        usage.processesPeak(r.get(PIDS_PEAK).map(Usages::withoutOurs));
        usage.processes(r.get(PIDS_CURRENT).map(Usages::withoutOurs));
        usage.io(
                r.get(IO_READ_BYTES)
                        .map(read ->
                                new IoUsage(
                                        Bytes.of(read),
                                        Bytes.of(number(r, IO_WRITTEN_BYTES)),
                                        number(r, IO_READ_OPERATIONS),
                                        number(r, IO_WRITE_OPERATIONS))));
        usage.throttling(
                r.get(CPU_PERIODS)
                        .map(periods ->
                                new Throttling(
                                        periods,
                                        number(r, CPU_THROTTLED_PERIODS),
                                        nanos(r, CPU_THROTTLED_NANOS))));
        usage.pressure(pressure(r));
    }

    private static long withoutOurs(long processes) {
        return Math.max(0, processes - OWN_PROCESSES);
    }

    private static Optional<Bytes> bytes(CgroupReading reading, Metric metric) {
        return reading.get(metric).map(Bytes::of);
    }

    private static long number(CgroupReading reading, Metric metric) {
        return reading.get(metric).orElse(0L);
    }

    private static Duration nanos(CgroupReading reading, Metric metric) {
        return Duration.ofNanos(number(reading, metric));
    }

    private static Optional<Pressure> pressure(CgroupReading r) {
        if (Stream.of(PRESSURE_CPU_SOME_NANOS, PRESSURE_MEMORY_SOME_NANOS, PRESSURE_IO_SOME_NANOS)
                .anyMatch(metric -> r.get(metric).isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(
                new Pressure(
                        stall(r, PRESSURE_CPU_SOME_NANOS, PRESSURE_CPU_FULL_NANOS),
                        stall(r, PRESSURE_MEMORY_SOME_NANOS, PRESSURE_MEMORY_FULL_NANOS),
                        stall(r, PRESSURE_IO_SOME_NANOS, PRESSURE_IO_FULL_NANOS)));
    }

    private static Pressure.Stall stall(CgroupReading reading, Metric some, Metric full) {
        return new Pressure.Stall(nanos(reading, some), nanos(reading, full));
    }
}
