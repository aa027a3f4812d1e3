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

/// Limits as version 1 writes them (the kernel's Documentation/admin-guide/cgroup-v1). Memory and
/// swap are not here: [MemoryVersion1] writes them together.
final class Version1Settings {

    /// The kernel takes no more: PID_MAX_LIMIT.
    private static final long MOST_PIDS = 4_194_304;

    private static final String UNLIMITED = "-1";

    /// CPUs and memory nodes of the group above, which a group without a limit has as well.
    record Inherited(String cpus, String mems) {}

    private Version1Settings() {}

    /// The settings of those limits that `controllers` enforce, in an order in which they can be
    /// written.
    ///
    /// @param launchers processes of ours that the limit on processes must leave room for
    static List<Setting> of(
            CgroupLimits limits, Set<Controller> controllers, int launchers, Inherited inherited) {
        List<Setting> all = new ArrayList<>();
        limits.pidsMax()
                .ifPresent(v ->
                        all.add(
                                Setting.of(
                                        PIDS,
                                        "pids.max",
                                        Math.min(v + launchers, MOST_PIDS),
                                        "max")));
        limits.cpuMax().ifPresent(quota -> cpu(all, quota));
        limits.cpuWeight()
                .ifPresent(v -> all.add(Setting.of(CPU_WEIGHT, "cpu.shares", shares(v), "1024")));
        limits.cpusetCpus()
                .ifPresent(v -> all.add(Setting.of(CPUSET, "cpuset.cpus", v, inherited.cpus())));
        limits.cpusetMems()
                .ifPresent(
                        v -> all.add(Setting.of(MEMORY_NODES, "cpuset.mems", v, inherited.mems())));
        limits.ioWeight()
                .ifPresent(
                        v -> all.add(Setting.of(IO_WEIGHT, "blkio.weight", cfqWeight(v), "500")));
        limits.ioMax().forEach(io -> io(all, io));
        limits.hugePages()
                .forEach((page, size) -> {
                    String name = Version2Settings.hugePage(page);
                    String file = "hugetlb." + name + ".limit_in_bytes";
                    all.add(Setting.of(HUGE_PAGES, file, size, UNLIMITED));
                });
        all.removeIf(setting -> !controllers.contains(setting.kind().controller()));
        return all;
    }

    /// A quota is checked against its period, a burst against the quota: they change by way of no
    /// limit.
    private static void cpu(List<Setting> all, CpuQuota quota) {
        all.add(Setting.of(CPUS, "cpu.cfs_period_us", quota.periodMicros(), "100000"));
        all.add(
                Setting.of(CPUS, "cpu.cfs_quota_us", quota.quotaMicros(), UNLIMITED)
                        .throughUnset());
        if (quota.burstMicros() > 0) {
            all.add(
                    Setting.of(CPU_BURST, "cpu.cfs_burst_us", quota.burstMicros(), "0")
                            .throughUnset());
        }
    }

    private static void io(List<Setting> all, IoMax io) {
        throttle(all, "blkio.throttle.read_bps_device", io, io.rbps());
        throttle(all, "blkio.throttle.write_bps_device", io, io.wbps());
        throttle(all, "blkio.throttle.read_iops_device", io, io.riops());
        throttle(all, "blkio.throttle.write_iops_device", io, io.wiops());
    }

    private static void throttle(List<Setting> all, String file, IoMax io, Optional<Long> limit) {
        limit.ifPresent(value ->
                all.add(
                        new Setting(
                                IO,
                                file,
                                io.device(),
                                io.device() + " " + value,
                                io.device() + " 0",
                                false)));
    }

    /// A weight of 1 to 10000 (default 100) as shares, 2 to 262144 (default 1024).
    static long shares(int weight) {
        return Math.clamp(weight * 1024L / 100, 2, 262144);
    }

    /// A weight of 1 to 10000 (default 100) on the scale of CFQ, 10 to 1000 (default 500).
    static int cfqWeight(int weight) {
        return Math.clamp(weight * 5L, 10, 1000);
    }
}
