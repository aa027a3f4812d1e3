package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Limits that are being changed. Not thread-safe; it lives within one call.
final class LimitsDraft {
    Optional<Bytes> memory = Optional.empty();
    Optional<Bytes> memoryHigh = Optional.empty();
    Optional<Bytes> swap = Optional.empty();
    Optional<Long> pids = Optional.empty();
    Optional<Double> cpus = Optional.empty();
    Optional<Duration> cpuBurst = Optional.empty();
    Optional<Integer> cpuWeight = Optional.empty();
    Optional<String> cpuset = Optional.empty();
    Optional<String> memoryNodes = Optional.empty();
    Optional<Integer> ioWeight = Optional.empty();
    final List<DeviceIo> io = new ArrayList<>();
    final Map<Bytes, Bytes> hugePages = new TreeMap<>();
    Optional<Duration> cpuTime = Optional.empty();
    Optional<Duration> wallTime = Optional.empty();
    Optional<Duration> idleTime = Optional.empty();
    Optional<Duration> extraTime = Optional.empty();
    Optional<Bytes> output = Optional.empty();
    final Map<Rlimit, RlimitValue> rlimits = new EnumMap<>(Rlimit.class);
    final Set<LimitItem> bestEffort = EnumSet.noneOf(LimitItem.class);

    /// No limit.
    LimitsDraft() {}

    LimitsDraft(ResourceLimits limits) {
        memory = limits.memory();
        memoryHigh = limits.memoryHigh();
        swap = limits.swap();
        pids = limits.pids();
        cpus = limits.cpus();
        cpuBurst = limits.cpuBurst();
        cpuWeight = limits.cpuWeight();
        cpuset = limits.cpuset();
        memoryNodes = limits.memoryNodes();
        ioWeight = limits.ioWeight();
        io.addAll(limits.io());
        hugePages.putAll(limits.hugePages());
        cpuTime = limits.cpuTime();
        wallTime = limits.wallTime();
        idleTime = limits.idleTime();
        extraTime = limits.extraTime();
        output = limits.output();
        rlimits.putAll(limits.rlimits());
        bestEffort.addAll(limits.bestEffort());
    }

    /// What was collected, checked.
    ResourceLimits limits() {
        return new ResourceLimits(
                memory,
                memoryHigh,
                swap,
                pids,
                cpus,
                cpuBurst,
                cpuWeight,
                cpuset,
                memoryNodes,
                ioWeight,
                io,
                hugePages,
                cpuTime,
                wallTime,
                idleTime,
                extraTime,
                output,
                rlimits,
                bestEffort);
    }
}
