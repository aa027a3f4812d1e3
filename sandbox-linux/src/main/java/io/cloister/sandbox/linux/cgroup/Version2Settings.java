package io.cloister.sandbox.linux.cgroup;

import static io.cloister.sandbox.linux.limit.LimitKind.*;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupLimits.CpuQuota;
import io.cloister.sandbox.linux.limit.CgroupLimits.IoMax;
import io.cloister.sandbox.linux.limit.Controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Limits as version 2 writes them (the kernel's Documentation/admin-guide/cgroup-v2.rst).
final class Version2Settings {

    private static final String MAX = "max";

    private Version2Settings() {}

    /// The settings of those limits that `controllers` enforce, in an order in which they can be
    /// written.
    static List<Setting> of(CgroupLimits limits, Set<Controller> controllers) {
        List<Setting> all = new ArrayList<>();
        // Swap first: from then on nothing is swapped out to make room below the memory limit.
        limits.swapMax().ifPresent(v -> all.add(Setting.of(SWAP, "memory.swap.max", v, MAX)));
        limits.memoryHigh().ifPresent(v -> all.add(Setting.of(MEMORY_HIGH, "memory.high", v, MAX)));
        limits.memoryMax().ifPresent(v -> all.add(Setting.of(MEMORY, "memory.max", v, MAX)));
        limits.pidsMax().ifPresent(v -> all.add(Setting.of(PIDS, "pids.max", v, MAX)));
        limits.cpuMax().ifPresent(quota -> cpu(all, quota));
        limits.cpuWeight().ifPresent(v -> all.add(Setting.of(CPU_WEIGHT, "cpu.weight", v, "100")));
        // A newline takes a list away: an empty text would not be a write at all.
        limits.cpusetCpus().ifPresent(v -> all.add(Setting.of(CPUSET, "cpuset.cpus", v, "\n")));
        limits.cpusetMems()
                .ifPresent(v -> all.add(Setting.of(MEMORY_NODES, "cpuset.mems", v, "\n")));
        limits.ioWeight().ifPresent(v -> all.add(Setting.of(IO_WEIGHT, "io.weight", v, "100")));
        limits.ioMax().forEach(io -> all.add(io(io)));
        limits.hugePages()
                .forEach((page, size) -> {
                    String file = "hugetlb." + hugePage(page) + ".max";
                    all.add(Setting.of(HUGE_PAGES, file, size, MAX));
                });
        all.removeIf(setting -> !controllers.contains(setting.kind().controller()));
        return all;
    }

    private static void cpu(List<Setting> all, CpuQuota quota) {
        String max = quota.quotaMicros() + " " + quota.periodMicros();
        all.add(Setting.of(CPUS, "cpu.max", max, "max 100000"));
        if (quota.burstMicros() > 0) {
            // A burst above the quota is refused, so it is 0 while the quota changes.
            all.add(
                    Setting.of(CPU_BURST, "cpu.max.burst", quota.burstMicros(), "0")
                            .throughUnset());
        }
    }

    private static Setting io(IoMax io) {
        String value =
                "%s rbps=%s wbps=%s riops=%s wiops=%s"
                        .formatted(
                                io.device(),
                                orMax(io.rbps()),
                                orMax(io.wbps()),
                                orMax(io.riops()),
                                orMax(io.wiops()));
        String unset = io.device() + " rbps=max wbps=max riops=max wiops=max";
        return new Setting(IO, "io.max", io.device(), value, unset, false);
    }

    private static String orMax(Optional<Long> value) {
        return value.map(String::valueOf).orElse(MAX);
    }

    /// The size of a huge page as it stands in names of files: `2MB`, `1GB`, `64KB`.
    static String hugePage(long bytes) {
        if (bytes >= 1L << 30) {
            return (bytes >> 30) + "GB";
        }
        return bytes >= 1L << 20 ? (bytes >> 20) + "MB" : (bytes >> 10) + "KB";
    }

    /// A weight of 1 to 10000 (default 100) on the scale of BFQ, 1 to 1000 (default 100).
    static int bfqWeight(int weight) {
        return weight <= 100 ? weight : 100 + (weight - 100) * 900 / 9900;
    }
}
