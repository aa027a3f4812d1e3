package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupLimits.CpuQuota;
import io.cloister.sandbox.linux.limit.CgroupLimits.IoMax;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Limits for tests.
final class Limits {

    private Limits() {}

    static CgroupLimits memory(Long max, Long swap) {
        return limits(Optional.ofNullable(max), Optional.ofNullable(swap), Optional.empty());
    }

    static CgroupLimits pids(long max) {
        return limits(Optional.empty(), Optional.empty(), Optional.of(max));
    }

    static CgroupLimits usual(long memory, long pids) {
        return limits(Optional.of(memory), Optional.of(0L), Optional.of(pids));
    }

    private static CgroupLimits limits(
            Optional<Long> memory, Optional<Long> swap, Optional<Long> pids) {
        return new CgroupLimits(
                memory,
                Optional.empty(),
                swap,
                pids,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of());
    }

    static CgroupLimits cpu(long quota, long period, long burst) {
        return new CgroupLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new CpuQuota(quota, period, burst)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of());
    }

    static CgroupLimits cpuset(String cpus) {
        return new CgroupLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(cpus),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of());
    }

    static CgroupLimits everything() {
        return new CgroupLimits(
                Optional.of(1L << 20),
                Optional.of(1L << 19),
                Optional.of(0L),
                Optional.of(20L),
                Optional.of(new CpuQuota(50_000, 100_000, 10_000)),
                Optional.of(200),
                Optional.of("0-1"),
                Optional.of("0"),
                Optional.of(50),
                List.of(
                        new IoMax(
                                8,
                                0,
                                Optional.of(1000L),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(5L))),
                Map.of(2L << 20, 4L << 20));
    }
}
