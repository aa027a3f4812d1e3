package io.cloister.sandbox.linux.cgroup;

import static io.cloister.sandbox.linux.cgroup.Counts.keyed;
import static io.cloister.sandbox.linux.cgroup.Counts.put;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.EndEvidence;
import io.cloister.sandbox.linux.limit.LimitKind;
import io.cloister.sandbox.linux.limit.Metric;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A group of version 2, made for one run, or for some processes of one. It is a leaf until a group
/// is made below it; then the run's processes have one there as well.
final class CgroupV2 implements Cgroup {

    private static final Duration FREEZING = Duration.ofMillis(500);
    private static final Duration KILLING = Duration.ofSeconds(2);
    private static final Duration REMOVAL = Duration.ofSeconds(30);
    private static final String PROCESSES = "cgroup.procs";
    private static final String FREEZE = "cgroup.freeze";

    /// The leaf of the processes that are in no group of their own.
    private static final String FIRST = "first";

    private static final String MEMORY_EVENTS = "memory.events";
    private static final String PIDS_EVENTS = "pids.events";
    private static final String CPU_STAT = "cpu.stat";

    /// What [#evidence()] reads, and the loop watches.
    private static final Set<String> LOOKED_AT =
            Set.of(MEMORY_EVENTS, PIDS_EVENTS, "memory.events.local", "pids.events.local");

    private final GroupDirectory slot;
    private final String name;
    private final GroupDirectory leaf;
    private final Set<Controller> controllers;
    private final Settings settings;
    private final Runnable closing;
    private Optional<GroupDirectory> first = Optional.empty();

    /// @param slot the group above, which removes this one
    /// @param leaf this group, which is closed with this
    CgroupV2(GroupDirectory slot, String name, GroupDirectory leaf, Set<Controller> controllers) {
        this(slot, name, leaf, controllers, () -> {});
    }

    private CgroupV2(
            GroupDirectory slot,
            String name,
            GroupDirectory leaf,
            Set<Controller> controllers,
            Runnable closing) {
        this.slot = slot;
        this.name = name;
        this.leaf = leaf;
        this.controllers = controllers;
        this.closing = closing;
        settings = new Settings(this::write);
    }

    int directory() {
        return leaf.descriptor();
    }

    /// An open file, by a write of `0` to which a process enters this group.
    int entry() {
        return leaf.writer(PROCESSES);
    }

    @Override
    public Set<Controller> heritable() {
        return controllers.stream().allMatch(Controller::isBuiltIn) ? Set.of() : controllers;
    }

    @Override
    public Optional<Cgroup> child(String below, Set<Controller> wanted, RunGroup.Maker maker) {
        if (Collections.disjoint(wanted, heritable())) {
            return Optional.empty();
        }
        if (first.isEmpty()) {
            // clone3(2) asks whether its caller may write to the common group too.
            hand(leaf, maker);
            first = Optional.of(vacate());
        }
        // By its path: this object belongs to a run that may end before.
        GroupDirectory above = GroupDirectory.open(leaf.path());
        try {
            GroupDirectory group = above.make(below);
            hand(group, maker);
            if (controllers.contains(Controller.MEMORY)) {
                group.tryWrite("memory.oom.group", "1");
            }
            return Optional.of(new CgroupV2(above, below, group, controllers, above::close));
        } catch (RuntimeException e) {
            above.close();
            throw e;
        }
    }

    private static void hand(GroupDirectory group, RunGroup.Maker maker) {
        if (maker instanceof RunGroup.Maker.Other(int uid, int gid)) {
            group.changeOwner(PROCESSES, uid, gid);
        }
    }

    /// Moves all processes to a leaf. Those that resist are stopped meanwhile.
    private GroupDirectory vacate() {
        GroupDirectory to = leaf.makeOrOpen(FIRST);
        boolean running = leaf.read(FREEZE).map(String::strip).equals(Optional.of("0"));
        try {
            Vacancy.make(leaf, to, controllers, running ? this::freeze : () -> {});
            return to;
        } catch (RuntimeException e) {
            to.close();
            throw e;
        } finally {
            if (running) {
                thaw();
            }
        }
    }

    @Override
    public Set<Controller> controllers() {
        return controllers;
    }

    @Override
    public List<Unmet> apply(CgroupLimits limits) {
        List<Unmet> unmet =
                new ArrayList<>(settings.apply(Version2Settings.of(limits, controllers)));
        if (controllers.contains(Controller.CPUSET)) {
            // A list that has nothing in common with what the host has is taken, and ignored.
            limits.cpusetCpus()
                    .ifPresent(list -> checkCpuset(LimitKind.CPUSET, "cpuset.cpus", list, unmet));
            limits.cpusetMems()
                    .ifPresent(list ->
                            checkCpuset(LimitKind.MEMORY_NODES, "cpuset.mems", list, unmet));
        }
        return unmet;
    }

    private void checkCpuset(LimitKind kind, String file, String list, List<Unmet> unmet) {
        boolean told = unmet.stream().anyMatch(u -> u.file().equals(file));
        String effective = leaf.read(file + ".effective").orElse("");
        if (!told && !NumberList.parse(list).equals(NumberList.parse(effective))) {
            unmet.add(new Unmet(kind, file, list, Errno.EINVAL.number()));
        }
    }

    private int write(String file, String text) {
        int result = leaf.tryWrite(file, text);
        if (Errno.ENOENT.is(result)) {
            if (file.equals("memory.swap.max") && SwapSpace.isNone()) {
                return 0;
            }
            if (file.equals("io.weight")) {
                int weight = Version2Settings.bfqWeight(Integer.parseInt(text));
                return leaf.tryWrite("io.bfq.weight", String.valueOf(weight));
            }
        }
        return result;
    }

    @Override
    public void read(Map<Metric, Long> values) {
        leaf.readOften(CPU_STAT).ifPresent(text -> readCpu(text, values));
        if (controllers.contains(Controller.MEMORY)) {
            readMemory(values);
        }
        if (controllers.contains(Controller.PIDS)) {
            number("pids.current", Metric.PIDS_CURRENT, values);
            number("pids.peak", Metric.PIDS_PEAK, values);
        }
        if (controllers.contains(Controller.IO)) {
            with("io.stat", text -> readIo(text, values));
        }
        readPressure(values);
        EndEvidence evidence = evidence();
        put(values, Metric.OOM_KILLS, evidence.oomKills());
        put(values, Metric.OOM_GROUP_KILLS, evidence.oomGroupKills());
        put(values, Metric.MEMORY_MAX_HITS, evidence.memoryMaxHits());
        put(values, Metric.PIDS_MAX_HITS, evidence.pidsMaxHits());
    }

    private static void readCpu(String text, Map<Metric, Long> values) {
        put(values, Metric.CPU_NANOS, micros(text, "usage_usec"));
        put(values, Metric.CPU_USER_NANOS, micros(text, "user_usec"));
        put(values, Metric.CPU_SYSTEM_NANOS, micros(text, "system_usec"));
        put(values, Metric.CPU_PERIODS, keyed(text, "nr_periods"));
        put(values, Metric.CPU_THROTTLED_PERIODS, keyed(text, "nr_throttled"));
        put(values, Metric.CPU_THROTTLED_NANOS, micros(text, "throttled_usec"));
    }

    private void readMemory(Map<Metric, Long> values) {
        number("memory.current", Metric.MEMORY_CURRENT, values);
        number("memory.peak", Metric.MEMORY_PEAK, values);
        number("memory.swap.current", Metric.MEMORY_SWAP, values);
        with(
                "memory.stat",
                text -> {
                    put(values, Metric.MEMORY_ANONYMOUS, keyed(text, "anon"));
                    put(values, Metric.MEMORY_FILE, keyed(text, "file"));
                    put(values, Metric.MEMORY_SHARED, keyed(text, "shmem"));
                    put(values, Metric.MEMORY_KERNEL, kernel(text));
                    put(values, Metric.PAGE_FAULTS, keyed(text, "pgfault"));
                    put(values, Metric.MAJOR_PAGE_FAULTS, keyed(text, "pgmajfault"));
                });
    }

    /// `kernel` exists since Linux 5.18; before, its parts do.
    private static Optional<Long> kernel(String text) {
        return keyed(text, "kernel")
                .or(() ->
                        Optional.of(
                                keyed(text, "kernel_stack").orElse(0L)
                                        + keyed(text, "pagetables").orElse(0L)
                                        + keyed(text, "percpu").orElse(0L)
                                        + keyed(text, "slab").orElse(0L)));
    }

    private static void readIo(String text, Map<Metric, Long> values) {
        values.put(Metric.IO_READ_BYTES, Counts.sumOfPairs(text, "rbytes"));
        values.put(Metric.IO_WRITTEN_BYTES, Counts.sumOfPairs(text, "wbytes"));
        values.put(Metric.IO_READ_OPERATIONS, Counts.sumOfPairs(text, "rios"));
        values.put(Metric.IO_WRITE_OPERATIONS, Counts.sumOfPairs(text, "wios"));
    }

    private void readPressure(Map<Metric, Long> values) {
        with(
                "cpu.pressure",
                text -> {
                    put(values, Metric.PRESSURE_CPU_SOME_NANOS, Counts.pressure(text, "some"));
                    put(values, Metric.PRESSURE_CPU_FULL_NANOS, Counts.pressure(text, "full"));
                });
        with(
                "memory.pressure",
                text -> {
                    put(values, Metric.PRESSURE_MEMORY_SOME_NANOS, Counts.pressure(text, "some"));
                    put(values, Metric.PRESSURE_MEMORY_FULL_NANOS, Counts.pressure(text, "full"));
                });
        with(
                "io.pressure",
                text -> {
                    put(values, Metric.PRESSURE_IO_SOME_NANOS, Counts.pressure(text, "some"));
                    put(values, Metric.PRESSURE_IO_FULL_NANOS, Counts.pressure(text, "full"));
                });
    }

    private void number(String file, Metric metric, Map<Metric, Long> values) {
        with(file, text -> put(values, metric, Counts.number(text)));
    }

    private void with(String file, Consumer<String> reader) {
        leaf.read(file).ifPresent(reader);
    }

    private static Optional<Long> micros(String text, String key) {
        return keyed(text, key).map(value -> value * 1000);
    }

    @Override
    public OptionalLong cpuNanos() {
        return leaf.readOften(CPU_STAT).flatMap(text -> micros(text, "usage_usec")).stream()
                .mapToLong(Long::longValue)
                .findFirst();
    }

    @Override
    public EndEvidence evidence() {
        // Through the descriptors that are watched: the kernel tells of the next change only after
        // a read.
        Optional<String> memory = leaf.readOften(MEMORY_EVENTS);
        Optional<String> pids = leaf.readOften(PIDS_EVENTS);
        return new EndEvidence(
                memory.flatMap(text -> keyed(text, "oom_kill")),
                memory.flatMap(text -> keyed(text, "oom_group_kill")),
                first.isPresent() ? ownMemoryHits() : memory.flatMap(CgroupV2::limitHits),
                first.isPresent() ? ownPidsHits(pids) : pids.flatMap(text -> keyed(text, "max")),
                memory.isPresent() ? MEMORY_EVENTS : "");
    }

    /// The events of groups below are counted here too; `oom` in the local file is when this group
    /// was at its limit, whoever was killed for it. Since Linux 5.2.
    private Optional<Long> ownMemoryHits() {
        return leaf.readOften("memory.events.local").flatMap(text -> keyed(text, "oom"));
    }

    /// The local file is there since Linux 6.11. Before, a refusal was counted in the group of the
    /// process that wanted to fork, and nowhere above.
    private Optional<Long> ownPidsHits(Optional<String> pids) {
        return leaf.readOften("pids.events.local")
                .flatMap(text -> keyed(text, "max"))
                .or(() ->
                        Stream.of(pids, first.flatMap(group -> group.readOften(PIDS_EVENTS)))
                                .flatMap(Optional::stream)
                                .flatMap(text -> keyed(text, "max").stream())
                                .reduce(Long::sum));
    }

    /// `max` is counted when memory is taken, `oom` also when the limit is set below what is taken.
    private static Optional<Long> limitHits(String events) {
        return keyed(events, "max").map(max -> max + keyed(events, "oom").orElse(0L));
    }

    @Override
    public OptionalInt pidsEvents() {
        return watched(PIDS_EVENTS);
    }

    @Override
    public OptionalInt memoryEvents() {
        return watched(MEMORY_EVENTS);
    }

    /// Empty where this kernel has no such file; not where only a descriptor is missing, since
    /// nobody would look again.
    private OptionalInt watched(String file) {
        leaf.readOften(file);
        int fd = leaf.reader(file);
        if (GroupDirectory.isScarce(fd)) {
            throw new CgroupException(leaf.path() + "/" + file, "open", -fd);
        }
        return fd < 0 ? OptionalInt.empty() : OptionalInt.of(fd);
    }

    @Override
    public boolean freeze() {
        leaf.write(FREEZE, "1");
        try (Patience waiting = new Patience(FREEZING)) {
            while (!isFrozen()) {
                // The kernel stops each process when it next runs.
                if (!waiting.pause()) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isFrozen() {
        return leaf.read("cgroup.events")
                .flatMap(text -> keyed(text, "frozen"))
                .filter(frozen -> frozen == 1)
                .isPresent();
    }

    @Override
    public void thaw() {
        leaf.write(FREEZE, "0");
    }

    @Override
    public void kill() {
        int result = leaf.tryWrite("cgroup.kill", "1");
        if (Errno.ENOENT.is(result)) {
            killOneByOne();
        } else if (result < 0) {
            throw new CgroupException(leaf.path() + "/cgroup.kill", "1", -result);
        }
    }

    /// Before Linux 5.14. A frozen process dies of SIGKILL, and can't fork.
    private void killOneByOne() {
        freeze();
        try (Patience waiting = new Patience(KILLING)) {
            while (GroupTree.kill(leaf, Set.of()) > 0 && waiting.pause()) {
                // Once more: one that was not frozen yet may have forked.
            }
        }
    }

    @Override
    public void rest() {
        first.ifPresent(group -> group.rest(Set.of(PIDS_EVENTS)));
        leaf.rest(LOOKED_AT);
    }

    @Override
    public void close() {
        first.ifPresent(group -> {
            group.close();
            leaf.remove(FIRST);
        });
        leaf.close();
        if (slot.remove(name) < 0) {
            GroupTree.destroyLater(Path.of(slot.path(), name), REMOVAL);
        }
        closing.run();
    }
}
