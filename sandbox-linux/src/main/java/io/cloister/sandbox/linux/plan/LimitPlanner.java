package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.policy.LimitItem.*;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Decides by what means each limit is kept: by a control group where there is one; else by
/// something weaker where there is that, and the caller is content with it; else not at all.
public final class LimitPlanner {

    /// What every group has where the host has it, beside what its limits need: what is counted,
    /// and what stops all at once.
    private static final Set<Controller> USUAL =
            EnumSet.of(
                    Controller.MEMORY,
                    Controller.PIDS,
                    Controller.CPU,
                    Controller.CPUACCT,
                    Controller.FREEZER,
                    Controller.DEVICES);

    /// One less than the kernel takes, PID_MAX_LIMIT: no host has more.
    private static final long MOST_PIDS = 4_194_303;

    private static final long PERIOD_MICROS = 100_000;
    private static final long LEAST_QUOTA_MICROS = 1_000;
    private static final String NOT_ENFORCED = "not enforced: ";

    private final ResourceLimits limits;
    private final ControlGroups groups;
    private final Map<DeviceIo, CgroupLimits.IoMax> devices;
    private final Set<Controller> controllers = EnumSet.noneOf(Controller.class);
    private final List<Enforcement> enforced = new ArrayList<>();

    private LimitPlanner(
            ResourceLimits limits,
            ControlGroups groups,
            Map<DeviceIo, CgroupLimits.IoMax> devices) {
        this.limits = limits;
        this.groups = groups;
        this.devices = devices;
    }

    /// The plan for `limits`.
    ///
    /// @param devices what the kernel calls the devices that are limited
    /// @throws SandboxUnavailableException if the host cannot keep a limit that is required
    public static LimitPlan plan(
            ResourceLimits limits,
            ControlGroups groups,
            Map<DeviceIo, CgroupLimits.IoMax> devices) {
        return new LimitPlanner(limits, groups, devices).plan();
    }

    private LimitPlan plan() {
        Optional<Long> memory = kept(MEMORY, limits.memory(), Controller.MEMORY).map(Bytes::value);
        Optional<Long> high = memoryHigh();
        Optional<Long> swap = swap();
        // The first process is ours.
        Optional<Long> pids = kept(PIDS, limits.pids(), Controller.PIDS);
        Optional<CgroupLimits.CpuQuota> quota =
                kept(CPUS, limits.cpus(), Controller.CPU).map(this::quota);
        kept(CPU_BURST, limits.cpuBurst(), Controller.CPU);
        Optional<Integer> weight = kept(CPU_WEIGHT, limits.cpuWeight(), Controller.CPU);
        Optional<String> cpus = kept(CPUSET, limits.cpuset(), Controller.CPUSET);
        Optional<String> nodes = kept(MEMORY_NODES, limits.memoryNodes(), Controller.CPUSET);
        Optional<Integer> ioWeight = kept(IO_WEIGHT, limits.ioWeight(), Controller.IO);
        List<CgroupLimits.IoMax> io =
                kept(IO, present(limits.io()), Controller.IO).orElse(List.of()).stream()
                        .map(devices::get)
                        .toList();
        Map<Long, Long> hugePages = new HashMap<>();
        present(limits.hugePages())
                .flatMap(all -> kept(HUGE_PAGES, Optional.of(all), Controller.HUGETLB))
                .ifPresent(all ->
                        all.forEach((page, size) -> hugePages.put(page.value(), size.value())));
        boolean timed = limits.cpuTime().isPresent() || limits.idleTime().isPresent();
        if (timed || !controllers.isEmpty()) {
            USUAL.stream().filter(groups::has).forEach(controllers::add);
            // In version 2 a group costs the same with all controllers; in version 1 each is
            // another
            // group, which its launchers have to be moved to.
            groups.available().stream()
                    .filter(controller -> !groups.version1().contains(controller))
                    .forEach(controllers::add);
        }
        boolean counted = controllers.contains(Controller.CPUACCT);
        times(counted);
        return new LimitPlan(
                new CgroupLimits(
                        memory,
                        high,
                        swap,
                        pids.map(n -> Math.min(n, MOST_PIDS) + 1),
                        quota,
                        weight,
                        cpus,
                        nodes,
                        ioWeight,
                        io,
                        hugePages),
                controllers,
                memory.isPresent() ? Optional.empty() : limits.memory().map(Bytes::value),
                pids.isPresent() ? Optional.empty() : limits.pids(),
                !groups.processesHidden(),
                counted,
                enforced);
    }

    private static <T> Optional<List<T>> present(List<T> list) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list);
    }

    private static <K, V> Optional<Map<K, V>> present(Map<K, V> map) {
        return map.isEmpty() ? Optional.empty() : Optional.of(map);
    }

    /// `value` if a control group keeps it.
    private <T> Optional<T> kept(LimitItem item, Optional<T> value, Controller controller) {
        if (value.isEmpty()) {
            return value;
        }
        if (groups.has(controller)) {
            controllers.add(controller);
            enforced(item, value.get(), groups.means(controller));
            return value;
        }
        weaker(item, value.get(), groups.missing(controller));
        return Optional.empty();
    }

    private void refuseIfRequired(LimitItem item, Object value, ControlGroups.Missing missing) {
        if (limits.isRequired(item)) {
            throw new SandboxUnavailableException(
                    "%s %s was asked for, and this host cannot enforce it: %s"
                            .formatted(item.label(), show(value), missing.why()),
                    "control group for " + item.label(),
                    missing.remedy() + "; or call bestEffort(LimitItem." + item.name() + ")");
        }
    }

    private void weaker(LimitItem item, Object value, ControlGroups.Missing missing) {
        refuseIfRequired(item, value, missing);
        switch (item) {
            case MEMORY ->
                    enforced(
                            item,
                            value,
                            watched("the sum of all processes; ") + "rlimit DATA of each");
            case PIDS ->
                    enforced(item, value, watched("the sum of all processes; ") + "rlimit NPROC");
            default -> unmet(item, value, missing);
        }
    }

    private void unmet(LimitItem item, Object value, ControlGroups.Missing missing) {
        enforced.add(Enforcement.notHeld(item.label(), show(value), NOT_ENFORCED + missing.why()));
    }

    private void enforced(LimitItem item, Object value, String means) {
        enforced.add(new Enforcement(item.label(), show(value), means));
    }

    private static String show(Object value) {
        return switch (value) {
            case Bytes size -> Units.formatSize(size);
            case Duration time -> Units.formatDuration(time);
            case DeviceIo io -> show(io);
            case List<?> list ->
                    list.stream().map(LimitPlanner::show).collect(Collectors.joining(", "));
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .map(e -> show(e.getValue()) + " in pages of " + show(e.getKey()))
                            .collect(Collectors.joining(", "));
            default -> value.toString();
        };
    }

    private static String show(DeviceIo io) {
        StringBuilder text = new StringBuilder(io.device().toString());
        io.readPerSecond().ifPresent(v -> text.append(" read ").append(show(v)).append("/s"));
        io.writePerSecond().ifPresent(v -> text.append(" write ").append(show(v)).append("/s"));
        io.readOperationsPerSecond().ifPresent(v -> text.append(" reads ").append(v).append("/s"));
        io.writeOperationsPerSecond()
                .ifPresent(v -> text.append(" writes ").append(v).append("/s"));
        return text.toString();
    }

    /// Version 1 has nothing like it.
    private Optional<Long> memoryHigh() {
        if (limits.memoryHigh().isPresent() && groups.version1().contains(Controller.MEMORY)) {
            weaker(
                    MEMORY_HIGH,
                    limits.memoryHigh().get(),
                    new ControlGroups.Missing(
                            "memory is in a hierarchy of cgroup v1, which has no memory.high",
                            "boot with systemd.unified_cgroup_hierarchy=1"));
            return Optional.empty();
        }
        return kept(MEMORY_HIGH, limits.memoryHigh(), Controller.MEMORY).map(Bytes::value);
    }

    /// Where there is no swap, none is used.
    private Optional<Long> swap() {
        if (limits.swap().isPresent() && !groups.swap()) {
            enforced(SWAP, limits.swap().get(), "the host has none");
            return Optional.empty();
        }
        return kept(SWAP, limits.swap(), Controller.MEMORY).map(Bytes::value);
    }

    private CgroupLimits.CpuQuota quota(double cpus) {
        long micros = Math.max(LEAST_QUOTA_MICROS, Math.round(cpus * PERIOD_MICROS));
        long burst = limits.cpuBurst().map(time -> time.toNanos() / 1000).orElse(0L);
        return new CgroupLimits.CpuQuota(micros, PERIOD_MICROS, burst);
    }

    /// Without sight of the processes, nothing is watched.
    private String watched(String how) {
        return groups.processesHidden() ? "" : "watched, " + how;
    }

    /// A group counts them; else the JVM looks at the processes, if it can.
    private void times(boolean counted) {
        if (!counted && groups.processesHidden()) {
            hidden();
            return;
        }
        String backstop = "; rlimit CPU of each process";
        limits.cpuTime()
                .ifPresent(time ->
                        enforced(
                                CPU_TIME,
                                time,
                                (counted
                                                ? groups.means(Controller.CPUACCT)
                                                        + ", all processes"
                                                : "watched, all processes, in steps of 10 ms")
                                        + backstop));
        limits.idleTime()
                .ifPresent(time ->
                        enforced(
                                IDLE_TIME,
                                time,
                                counted
                                        ? "watched, " + groups.means(Controller.CPUACCT)
                                        : "watched, all processes, in steps of 10 ms"));
    }

    private void hidden() {
        ControlGroups.Missing missing =
                new ControlGroups.Missing(
                        "/proc hides processes (hidepid), and no control group counts for it",
                        groups.missing(Controller.CPUACCT).remedy()
                                + "; or mount /proc without hidepid");
        limits.cpuTime()
                .ifPresent(time -> {
                    refuseIfRequired(CPU_TIME, time, missing);
                    enforced(CPU_TIME, time, "rlimit CPU of each process");
                });
        limits.idleTime()
                .ifPresent(time -> {
                    refuseIfRequired(IDLE_TIME, time, missing);
                    unmet(IDLE_TIME, time, missing);
                });
    }
}
