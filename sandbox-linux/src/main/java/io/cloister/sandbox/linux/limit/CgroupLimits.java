package io.cloister.sandbox.linux.limit;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The limits of one run in the kernel's terms. What is empty is not limited.
///
/// @param memoryMax bytes of memory of all processes together
/// @param memoryHigh bytes of memory above which the processes are slowed down and reclaimed from
/// @param swapMax bytes of swap space; 0 for none
/// @param pidsMax processes and threads at one time
/// @param cpuMax CPU time per period
/// @param cpuWeight the share of a busy CPU, 1 to 10000; the kernel's default is 100
/// @param cpusetCpus the CPUs that may be used, as `0-1,3`
/// @param cpusetMems the memory nodes that may be used, as `0`
/// @param ioWeight the share of a busy disk, 1 to 10000; the kernel's default is 100
/// @param ioMax limits per block device
/// @param hugePages bytes of huge pages, by the size of the page in bytes
public record CgroupLimits(
        Optional<Long> memoryMax,
        Optional<Long> memoryHigh,
        Optional<Long> swapMax,
        Optional<Long> pidsMax,
        Optional<CpuQuota> cpuMax,
        Optional<Integer> cpuWeight,
        Optional<String> cpusetCpus,
        Optional<String> cpusetMems,
        Optional<Integer> ioWeight,
        List<IoMax> ioMax,
        Map<Long, Long> hugePages) {

    /// No limit at all.
    public static final CgroupLimits NONE =
            new CgroupLimits(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Map.of());

    public CgroupLimits {
        ioMax = List.copyOf(ioMax);
        hugePages = Collections.unmodifiableMap(new TreeMap<>(hugePages));
    }

    /// CPU time that may be used in each period.
    ///
    /// @param quotaMicros microseconds of CPU time
    /// @param periodMicros the period in microseconds, 1000 to 1000000
    /// @param burstMicros unused time that may be saved up for later periods, at most the quota
    public record CpuQuota(long quotaMicros, long periodMicros, long burstMicros) {}

    /// Limits of one block device; bytes and operations are per second.
    public record IoMax(
            int major,
            int minor,
            Optional<Long> rbps,
            Optional<Long> wbps,
            Optional<Long> riops,
            Optional<Long> wiops) {

        /// The device as the kernel writes it.
        public String device() {
            return major + ":" + minor;
        }
    }

    /// The kinds of limit that are set.
    public Set<LimitKind> kinds() {
        Set<LimitKind> kinds = EnumSet.noneOf(LimitKind.class);
        add(kinds, LimitKind.MEMORY, memoryMax.isPresent());
        add(kinds, LimitKind.MEMORY_HIGH, memoryHigh.isPresent());
        add(kinds, LimitKind.SWAP, swapMax.isPresent());
        add(kinds, LimitKind.PIDS, pidsMax.isPresent());
        add(kinds, LimitKind.CPUS, cpuMax.isPresent());
        add(kinds, LimitKind.CPU_BURST, cpuMax.filter(c -> c.burstMicros() > 0).isPresent());
        add(kinds, LimitKind.CPU_WEIGHT, cpuWeight.isPresent());
        add(kinds, LimitKind.CPUSET, cpusetCpus.isPresent());
        add(kinds, LimitKind.MEMORY_NODES, cpusetMems.isPresent());
        add(kinds, LimitKind.IO_WEIGHT, ioWeight.isPresent());
        add(kinds, LimitKind.IO, !ioMax.isEmpty());
        add(kinds, LimitKind.HUGE_PAGES, !hugePages.isEmpty());
        return kinds;
    }

    private static void add(Set<LimitKind> kinds, LimitKind kind, boolean set) {
        if (set) {
            kinds.add(kind);
        }
    }

    /// The controllers that enforce what is set.
    public Set<Controller> controllers() {
        Set<Controller> controllers = EnumSet.noneOf(Controller.class);
        kinds().forEach(kind -> controllers.add(kind.controller()));
        return controllers;
    }
}
