package io.cloister.sandbox.linux.cgroup;

import static io.cloister.sandbox.linux.cgroup.Counts.keyed;
import static io.cloister.sandbox.linux.cgroup.Counts.put;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.EndEvidence;
import io.cloister.sandbox.linux.limit.Metric;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// One run in the groups of version 1 of its slot. What earlier runs left in the counters is
/// subtracted, or set to 0 where the kernel allows that.
///
/// The launcher is in the same groups: the little that it uses is in the numbers.
final class CgroupV1 implements Cgroup {

    private static final Duration FREEZING = Duration.ofMillis(500);
    private static final Duration KILLING = Duration.ofSeconds(2);
    private static final String CPU_USAGE = "cpuacct.usage";
    private static final String CPU_USER = "cpuacct.usage_user";
    private static final String CPU_STAT = "cpu.stat";
    private static final String OOM = "memory.oom_control";
    private static final String MEMORY_STAT = "memory.stat";
    private static final String MEMORY_PEAK = "memory.max_usage_in_bytes";
    private static final String MEMORY_HITS = "memory.failcnt";
    private static final String BOTH_HITS = "memory.memsw.failcnt";

    private static final String PIDS_EVENTS = "pids.events";
    private static final String PIDS_PEAK = "pids.peak";
    private static final String IO_BYTES = "blkio.throttle.io_service_bytes_recursive";
    private static final String IO_OPERATIONS = "blkio.throttle.io_serviced_recursive";

    /// What counts on over all runs of a slot.
    private static final List<String> LASTING =
            List.of(
                    CPU_STAT,
                    OOM,
                    MEMORY_HITS,
                    BOTH_HITS,
                    PIDS_EVENTS,
                    PIDS_PEAK,
                    IO_BYTES,
                    IO_OPERATIONS);

    /// What [#evidence()] reads.
    private static final Set<String> LOOKED_AT = Set.of(OOM, MEMORY_HITS, BOTH_HITS, PIDS_EVENTS);

    private final SlotV1 slot;
    private final OomCounter oomCounter;
    private final int launchers;
    private final boolean below;
    private final Map<String, String> before = new HashMap<>();
    private boolean frozen;
    private boolean memoryStatRead;

    /// Sets what can be set to 0, and notes the rest.
    ///
    /// @param launchers processes of ours in the groups
    CgroupV1(SlotV1 slot, OomCounter oomCounter, int launchers) {
        this(slot, oomCounter, launchers, false);
    }

    /// @param below whether the groups are this one's own, below those of a run
    private CgroupV1(SlotV1 slot, OomCounter oomCounter, int launchers, boolean below) {
        this.slot = slot;
        this.oomCounter = oomCounter;
        this.launchers = launchers;
        this.below = below;
    }

    @Override
    public Set<Controller> heritable() {
        return slot.heritable();
    }

    @Override
    public Optional<Cgroup> child(String name, Set<Controller> wanted, RunGroup.Maker maker) {
        return Collections.disjoint(wanted, heritable())
                ? Optional.empty()
                : Optional.of(new CgroupV1(slot.child(name, wanted), new OomCounter(), 0, true));
    }

    /// Open files, by a write of `0` to each of which a process enters these groups.
    List<Integer> entries() {
        return slot.distinct().stream().map(group -> group.writer("cgroup.procs")).toList();
    }

    /// Begins to count: after the limits were written, so that what the kernel did to keep them is
    /// not the run's.
    void beginCounting() {
        if (controllers().contains(Controller.CPUACCT)) {
            reset(CPU_USAGE);
        }
        if (controllers().contains(Controller.MEMORY)) {
            reset(MEMORY_PEAK);
            oomCounter.drain();
            before.put(MEMORY_STAT, slot.memoryStat());
        }
        for (String file : LASTING) {
            slot.read(file).ifPresent(text -> before.put(file, text));
        }
    }

    private void reset(String file) {
        int result = slot.write(file, "0");
        if (result < 0) {
            throw new CgroupException(file, "0", -result);
        }
    }

    @Override
    public Set<Controller> controllers() {
        return slot.controllers();
    }

    @Override
    public List<Unmet> apply(CgroupLimits limits) {
        return slot.apply(limits, launchers);
    }

    @Override
    public void read(Map<Metric, Long> values) {
        Optional<Long> usage = number(CPU_USAGE);
        Optional<Long> user = number(CPU_USER);
        put(values, Metric.CPU_NANOS, usage);
        put(values, Metric.CPU_USER_NANOS, user);
        put(
                values,
                Metric.CPU_SYSTEM_NANOS,
                usage.flatMap(all -> user.map(part -> Math.max(0, all - part))));
        slot.read(CPU_STAT).ifPresent(text -> readThrottling(text, values));
        if (controllers().contains(Controller.MEMORY)) {
            readMemory(values);
        }
        readPids(values);
        slot.read(IO_BYTES)
                .ifPresent(text -> {
                    values.put(Metric.IO_READ_BYTES, sumSince(IO_BYTES, text, "Read"));
                    values.put(Metric.IO_WRITTEN_BYTES, sumSince(IO_BYTES, text, "Write"));
                });
        slot.read(IO_OPERATIONS)
                .ifPresent(text -> {
                    values.put(Metric.IO_READ_OPERATIONS, sumSince(IO_OPERATIONS, text, "Read"));
                    values.put(Metric.IO_WRITE_OPERATIONS, sumSince(IO_OPERATIONS, text, "Write"));
                });
        put(values, Metric.OOM_KILLS, since(OOM, "oom_kill"));
        put(values, Metric.MEMORY_MAX_HITS, since(MEMORY_HITS));
        put(values, Metric.PIDS_MAX_HITS, since(PIDS_EVENTS, "max"));
    }

    private void readThrottling(String text, Map<Metric, Long> values) {
        put(values, Metric.CPU_PERIODS, since(CPU_STAT, text, "nr_periods"));
        put(values, Metric.CPU_THROTTLED_PERIODS, since(CPU_STAT, text, "nr_throttled"));
        put(values, Metric.CPU_THROTTLED_NANOS, since(CPU_STAT, text, "throttled_time"));
    }

    private void readMemory(Map<Metric, Long> values) {
        put(values, Metric.MEMORY_CURRENT, number("memory.usage_in_bytes"));
        put(values, Metric.MEMORY_PEAK, number(MEMORY_PEAK));
        put(values, Metric.MEMORY_KERNEL, number("memory.kmem.usage_in_bytes"));
        String text = slot.readMemoryStat();
        memoryStatRead = true;
        put(values, Metric.MEMORY_ANONYMOUS, keyed(text, "total_rss"));
        put(values, Metric.MEMORY_FILE, keyed(text, "total_cache"));
        put(values, Metric.MEMORY_SHARED, keyed(text, "total_shmem"));
        put(values, Metric.MEMORY_SWAP, keyed(text, "total_swap"));
        put(values, Metric.PAGE_FAULTS, since(MEMORY_STAT, text, "total_pgfault"));
        put(values, Metric.MAJOR_PAGE_FAULTS, since(MEMORY_STAT, text, "total_pgmajfault"));
    }

    private void readPids(Map<Metric, Long> values) {
        put(
                values,
                Metric.PIDS_CURRENT,
                number("pids.current").map(count -> Math.max(0, count - launchers)));
        // The peak can't be set back: it is this run's only if it has grown since.
        Optional<Long> old = before(PIDS_PEAK).flatMap(Counts::number);
        put(
                values,
                Metric.PIDS_PEAK,
                number(PIDS_PEAK)
                        .filter(peak -> peak > old.orElse(Long.MAX_VALUE))
                        .map(peak -> peak - launchers));
    }

    private Optional<Long> number(String file) {
        return slot.read(file).flatMap(Counts::number);
    }

    private Optional<String> before(String file) {
        return Optional.ofNullable(before.get(file));
    }

    /// How much a file that is a number has grown.
    private Optional<Long> since(String file) {
        long old = before(file).flatMap(Counts::number).orElse(0L);
        return number(file).map(now -> now - old);
    }

    /// How much a number in a file has grown.
    private Optional<Long> since(String file, String key) {
        return slot.read(file).flatMap(text -> since(file, text, key));
    }

    private Optional<Long> since(String file, String text, String key) {
        long old = before(file).flatMap(t -> keyed(t, key)).orElse(0L);
        return keyed(text, key).map(now -> now - old);
    }

    /// How much a sum over devices has grown.
    private long sumSince(String file, String text, String operation) {
        long old = before(file).map(t -> Counts.sumOfDevices(t, operation)).orElse(0L);
        return Counts.sumOfDevices(text, operation) - old;
    }

    @Override
    public OptionalLong cpuNanos() {
        return number(CPU_USAGE).stream().mapToLong(Long::longValue).findFirst();
    }

    @Override
    public EndEvidence evidence() {
        oomCounter.drain();
        return new EndEvidence(
                since(OOM, "oom_kill"),
                Optional.empty(),
                memoryHits(),
                since(PIDS_EVENTS, "max"),
                controllers().contains(Controller.MEMORY) ? OOM : "");
    }

    /// Where memory and swap together have the same limit, that one is hit first; newer kernels do
    /// not count its hits, so that 0 means nothing.
    private Optional<Long> memoryHits() {
        return since(MEMORY_HITS)
                .map(hits -> hits + since(BOTH_HITS).orElse(0L))
                .filter(hits -> hits > 0 || !slot.limitsSwap());
    }

    /// Newer kernels do not tell of changes of pids.events in this version (seen with Linux 6.18),
    /// so nobody is to rely on it.
    @Override
    public OptionalInt pidsEvents() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt memoryEvents() {
        return slot.directory(OOM).map(oomCounter::descriptor).orElse(OptionalInt.empty());
    }

    @Override
    public boolean freeze() {
        frozen = true;
        return tryFreeze();
    }

    /// Whether all is frozen.
    private boolean tryFreeze() {
        try (Patience waiting = new Patience(FREEZING)) {
            do {
                // Each time anew: who began to wait for its child's execve(2) just after the last
                // time, in vfork(2), was told while it ran, and does not look while it waits.
                if (slot.write("freezer.state", "FROZEN") < 0) {
                    return false;
                }
                if (isFrozen()) {
                    return true;
                }
            } while (waiting.pause());
        }
        return false;
    }

    /// Reading also makes the kernel look again.
    private boolean isFrozen() {
        return slot.read("freezer.state").filter(s -> s.strip().equals("FROZEN")).isPresent();
    }

    @Override
    public void thaw() {
        frozen = false;
        int result = slot.write("freezer.state", "THAWED");
        if (result < 0 && !Errno.ENODEV.is(result)) {
            throw new CgroupException("freezer.state", "THAWED", -result);
        }
    }

    /// Where all is frozen, one round reaches all; where not, a fork may have been faster.
    @Override
    public void kill() {
        try (Patience waiting = new Patience(KILLING)) {
            boolean again = true;
            while (again) {
                boolean frozen = tryFreeze();
                int left = GroupTree.kill(slot.processes(), slot.launchers());
                thaw();
                again = !frozen && left > 0 && waiting.pause();
            }
        }
    }

    @Override
    public void rest() {
        // Its events were told by the loop, which looks at the files from now on.
        oomCounter.close();
        slot.rest(LOOKED_AT);
    }

    /// The groups are the slot's, unless they were made below those.
    @Override
    public void close() {
        if (below) {
            oomCounter.close();
            slot.discard();
            return;
        }
        if (frozen) {
            // The launcher sits in there too.
            thaw();
        }
        if (!memoryStatRead && controllers().contains(Controller.MEMORY)) {
            slot.readMemoryStat();
        }
    }
}
