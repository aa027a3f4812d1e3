package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What one run may use. [io.cloister.sandbox.Sandbox.Builder] tells for each limit what happens
/// when it is reached.
///
/// @param memory memory of all its processes together, > 0; empty: no limit
/// @param swap swap of all its processes together; empty: no limit
/// @param pids processes and threads at one time, > 0; empty: no limit
/// @param cpus processors' worth of time, 0.01 to 10000; empty: no limit
/// @param cpuTime processor time of each of its processes, > 0; empty: no limit
/// @param wallTime time since the start of the command, > 0; empty: no limit
/// @param output bytes on standard output, and as many on standard error; empty: no limit
/// @param rlimits per-process limits; the defaults of [Rlimit] are among them where no others are
///   given
public record ResourceLimits(
        Optional<Bytes> memory,
        Optional<Bytes> swap,
        Optional<Long> pids,
        Optional<Double> cpus,
        Optional<Duration> cpuTime,
        Optional<Duration> wallTime,
        Optional<Bytes> output,
        Map<Rlimit, RlimitValue> rlimits) {

    /// The wall time unless it is said: 5 minutes.
    public static final Duration DEFAULT_WALL_TIME = Duration.ofMinutes(5);

    /// The output on each stream unless it is said: 16 MiB.
    public static final Bytes DEFAULT_OUTPUT = Bytes.mebibytes(16);

    /// 1 ms of each 100 ms, the least that the kernel takes; cgroups(7).
    private static final double MIN_CPUS = 0.01;

    private static final double MAX_CPUS = 10_000;

    /// Checks and copies, and adds the defaults of [Rlimit] where `rlimits` has no others.
    ///
    /// @throws IllegalArgumentException if a limit is out of its range
    public ResourceLimits {
        memory.ifPresent(size -> Numbers.positive("memory", size));
        Objects.requireNonNull(swap, "swap");
        pids.ifPresent(count -> Numbers.positive("pids", count));
        cpus.ifPresent(ResourceLimits::checkCpus);
        cpuTime.ifPresent(time -> Numbers.positive("cpuTime", time));
        wallTime.ifPresent(time -> Numbers.positive("wallTime", time));
        Objects.requireNonNull(output, "output");
        rlimits = copy(rlimits);
    }

    private static void checkCpus(double cpus) {
        if (!(cpus >= MIN_CPUS && cpus <= MAX_CPUS)) {
            throw new IllegalArgumentException(
                    "cpus must be %s to %s, was %s".formatted(MIN_CPUS, (long) MAX_CPUS, cpus));
        }
    }

    private static Map<Rlimit, RlimitValue> copy(Map<Rlimit, RlimitValue> rlimits) {
        Map<Rlimit, RlimitValue> copy = new EnumMap<>(Rlimit.class);
        for (Rlimit limit : Rlimit.values()) {
            limit.defaultValue().ifPresent(value -> copy.put(limit, value));
        }
        rlimits.forEach((limit, value) -> copy.put(limit, Objects.requireNonNull(value, "value")));
        return Collections.unmodifiableMap(copy);
    }

    /// {@return the default: 5 minutes of wall time, 16 MiB of output on each stream, no other
    /// limit but the defaults of [Rlimit]}
    public static ResourceLimits standard() {
        return unlimited().wallTime(DEFAULT_WALL_TIME).output(DEFAULT_OUTPUT);
    }

    /// {@return no limit but the defaults of [Rlimit]}
    public static ResourceLimits unlimited() {
        return new ResourceLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of());
    }

    /// {@return these limits with another one for memory}
    ///
    /// @param size the limit
    public ResourceLimits memory(Bytes size) {
        return new ResourceLimits(
                Optional.of(size), swap, pids, cpus, cpuTime, wallTime, output, rlimits);
    }

    /// {@return these limits with another one for swap}
    ///
    /// @param size the limit
    public ResourceLimits swap(Bytes size) {
        return new ResourceLimits(
                memory, Optional.of(size), pids, cpus, cpuTime, wallTime, output, rlimits);
    }

    /// {@return these limits with another one for processes and threads}
    ///
    /// @param count the limit
    public ResourceLimits pids(long count) {
        return new ResourceLimits(
                memory, swap, Optional.of(count), cpus, cpuTime, wallTime, output, rlimits);
    }

    /// {@return these limits with another one for processors}
    ///
    /// @param count the limit
    public ResourceLimits cpus(double count) {
        return new ResourceLimits(
                memory, swap, pids, Optional.of(count), cpuTime, wallTime, output, rlimits);
    }

    /// {@return these limits with another one for processor time}
    ///
    /// @param time the limit
    public ResourceLimits cpuTime(Duration time) {
        return new ResourceLimits(
                memory, swap, pids, cpus, Optional.of(time), wallTime, output, rlimits);
    }

    /// {@return these limits with another one for wall time}
    ///
    /// @param time the limit
    public ResourceLimits wallTime(Duration time) {
        return new ResourceLimits(
                memory, swap, pids, cpus, cpuTime, Optional.of(time), output, rlimits);
    }

    /// {@return these limits without one for wall time}
    public ResourceLimits unlimitedWallTime() {
        return new ResourceLimits(
                memory, swap, pids, cpus, cpuTime, Optional.empty(), output, rlimits);
    }

    /// {@return these limits with another one for output}
    ///
    /// @param size the limit
    public ResourceLimits output(Bytes size) {
        return new ResourceLimits(
                memory, swap, pids, cpus, cpuTime, wallTime, Optional.of(size), rlimits);
    }

    /// {@return these limits without one for output}
    public ResourceLimits unlimitedOutput() {
        return new ResourceLimits(
                memory, swap, pids, cpus, cpuTime, wallTime, Optional.empty(), rlimits);
    }

    /// {@return these limits with another per-process limit}
    ///
    /// @param limit which limit
    /// @param value its values
    public ResourceLimits rlimit(Rlimit limit, RlimitValue value) {
        Map<Rlimit, RlimitValue> more = new EnumMap<>(Rlimit.class);
        more.putAll(rlimits);
        more.put(limit, value);
        return new ResourceLimits(memory, swap, pids, cpus, cpuTime, wallTime, output, more);
    }
}
