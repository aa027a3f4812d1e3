package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.policy.LimitItem.*;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupLimits.CpuQuota;
import io.cloister.sandbox.linux.limit.CgroupLimits.IoMax;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A limit that takes a controller.
///
/// @param limits that limit, with what it cannot be without
/// @param shown its value as `enforced()` shows it
/// @param told what the control group is told
/// @param value that, as it is to be
record LimitCase(
        LimitItem item,
        Controller controller,
        ResourceLimits limits,
        String shown,
        Function<CgroupLimits, Object> told,
        Object value) {

    private static final ResourceLimits NONE = ResourceLimits.unlimited();
    static final DeviceIo DISK = DeviceIo.operationsPerSecond(Path.of("/dev/d"), 5, 6);
    static final IoMax DISK_OF_THE_KERNEL =
            new IoMax(8, 0, Optional.empty(), Optional.empty(), Optional.of(5L), Optional.of(6L));
    static final Map<DeviceIo, IoMax> DEVICES = Map.of(DISK, DISK_OF_THE_KERNEL);

    static final List<LimitCase> CASES =
            List.of(
                    new LimitCase(
                            MEMORY,
                            Controller.MEMORY,
                            NONE.memory(Bytes.mebibytes(64)),
                            "64m",
                            CgroupLimits::memoryMax,
                            Optional.of(64L << 20)),
                    new LimitCase(
                            MEMORY_HIGH,
                            Controller.MEMORY,
                            NONE.memoryHigh(Bytes.of(4097)),
                            "4097",
                            CgroupLimits::memoryHigh,
                            Optional.of(4097L)),
                    new LimitCase(
                            SWAP,
                            Controller.MEMORY,
                            NONE.swap(Bytes.of(0)),
                            "0",
                            CgroupLimits::swapMax,
                            Optional.of(0L)),
                    new LimitCase(
                            PIDS,
                            Controller.PIDS,
                            NONE.pids(7),
                            "7",
                            CgroupLimits::pidsMax,
                            Optional.of(8L)),
                    new LimitCase(
                            CPUS,
                            Controller.CPU,
                            NONE.cpus(1.5),
                            "1.5",
                            CgroupLimits::cpuMax,
                            Optional.of(new CpuQuota(150_000, 100_000, 0))),
                    new LimitCase(
                            CPU_BURST,
                            Controller.CPU,
                            NONE.cpus(0.5).cpuBurst(Duration.ofMillis(20)).bestEffort(CPUS),
                            "20ms",
                            CgroupLimits::cpuMax,
                            Optional.of(new CpuQuota(50_000, 100_000, 20_000))),
                    new LimitCase(
                            CPU_WEIGHT,
                            Controller.CPU,
                            NONE.cpuWeight(200),
                            "200",
                            CgroupLimits::cpuWeight,
                            Optional.of(200)),
                    new LimitCase(
                            CPUSET,
                            Controller.CPUSET,
                            NONE.cpuset("0-1,3"),
                            "0-1,3",
                            CgroupLimits::cpusetCpus,
                            Optional.of("0-1,3")),
                    new LimitCase(
                            MEMORY_NODES,
                            Controller.CPUSET,
                            NONE.memoryNodes("0"),
                            "0",
                            CgroupLimits::cpusetMems,
                            Optional.of("0")),
                    new LimitCase(
                            IO_WEIGHT,
                            Controller.IO,
                            NONE.ioWeight(300),
                            "300",
                            CgroupLimits::ioWeight,
                            Optional.of(300)),
                    new LimitCase(
                            IO,
                            Controller.IO,
                            NONE.io(DISK),
                            "/dev/d reads 5/s writes 6/s",
                            CgroupLimits::ioMax,
                            List.of(DISK_OF_THE_KERNEL)),
                    new LimitCase(
                            HUGE_PAGES,
                            Controller.HUGETLB,
                            NONE.hugePages(Bytes.mebibytes(2), Bytes.mebibytes(64)),
                            "64m in pages of 2m",
                            CgroupLimits::hugePages,
                            Map.of(2L << 20, 64L << 20)));

    @Override
    public String toString() {
        return item.label();
    }
}
