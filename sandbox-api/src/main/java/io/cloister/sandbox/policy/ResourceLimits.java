package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.text.Parts;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What one run may use. [io.cloister.sandbox.LimitsBuilder] tells for each limit what happens when
/// it is reached.
///
/// Setting a limit makes it required: a host that cannot enforce it refuses the launch. Marking it
/// by [#bestEffort(LimitItem...)] afterwards lets the run go on with what the host can do.
///
/// @param memory memory of all its processes together, > 0; empty: no limit
/// @param memoryHigh memory of all its processes beyond which they are slowed down and their pages
///   reclaimed, > 0; empty: no limit
/// @param swap swap of all its processes together; empty: no limit
/// @param pids processes and threads at one time, > 0; empty: no limit
/// @param cpus processors' worth of time, 0.01 to 10000; empty: no limit
/// @param cpuBurst processor time that it may save up and use at once beyond its share of a 100 ms
///   period, > 0 and at most that share; empty: none
/// @param cpuWeight its share when processors are scarce, 1 to 10000; empty: 100, as the kernel has
///   it
/// @param cpuset the processors it may run on, such as `0-1,3`; empty: all
/// @param memoryNodes the memory nodes it may use, such as `0`; empty: all
/// @param ioWeight its share when block devices are scarce, 1 to 10000; empty: 100, as the kernel
///   has it
/// @param io limits on block devices, one for each device
/// @param hugePages sizes of huge pages, each a power of two, to what it may use of them
/// @param cpuTime processor time of all its processes together, > 0; empty: no limit
/// @param wallTime time since the request of the run, > 0; empty: no limit
/// @param idleTime time without output and without use of a processor, > 0; empty: no limit
/// @param extraTime how much longer than `cpuTime` and `wallTime` it may go on before it is killed;
///   empty: 0
/// @param output bytes on standard output, and as many on standard error; empty: no limit
/// @param rlimits per-process limits; the defaults of [Rlimit] are among them where no others are
///   given
/// @param bestEffort the limits whose absence does not fail the launch; those that are not set are
///   dropped
public record ResourceLimits(
        Optional<Bytes> memory,
        Optional<Bytes> memoryHigh,
        Optional<Bytes> swap,
        Optional<Long> pids,
        Optional<Double> cpus,
        Optional<Duration> cpuBurst,
        Optional<Integer> cpuWeight,
        Optional<String> cpuset,
        Optional<String> memoryNodes,
        Optional<Integer> ioWeight,
        List<DeviceIo> io,
        Map<Bytes, Bytes> hugePages,
        Optional<Duration> cpuTime,
        Optional<Duration> wallTime,
        Optional<Duration> idleTime,
        Optional<Duration> extraTime,
        Optional<Bytes> output,
        Map<Rlimit, RlimitValue> rlimits,
        Set<LimitItem> bestEffort) {

    /// The memory unless it is said: 1 GiB.
    public static final Bytes DEFAULT_MEMORY = Bytes.gibibytes(1);

    /// The swap unless it is said: none.
    public static final Bytes DEFAULT_SWAP = Bytes.of(0);

    /// The processes and threads unless it is said: 256.
    public static final long DEFAULT_PIDS = 256;

    /// The processor time of all processes unless it is said: 5 minutes.
    public static final Duration DEFAULT_CPU_TIME = Duration.ofMinutes(5);

    /// The wall time unless it is said: 5 minutes.
    public static final Duration DEFAULT_WALL_TIME = Duration.ofMinutes(5);

    /// The output on each stream unless it is said: 16 MiB.
    public static final Bytes DEFAULT_OUTPUT = Bytes.mebibytes(16);

    /// The period over which processor time is shared out.
    private static final Duration PERIOD = Duration.ofMillis(100);

    /// Checks and copies, and adds the defaults of [Rlimit] where `rlimits` has no others.
    ///
    /// @throws IllegalArgumentException if a limit is out of its range
    public ResourceLimits {
        memory.ifPresent(size -> Numbers.positive("memory", size));
        memoryHigh.ifPresent(size -> Numbers.positive("memoryHigh", size));
        Objects.requireNonNull(swap, "swap");
        pids.ifPresent(count -> Numbers.positive("pids", count));
        cpus.ifPresent(Numbers::cpus);
        cpuBurst.ifPresent(time -> Numbers.positive("cpuBurst", time));
        cpuWeight.ifPresent(weight -> Numbers.weight("cpuWeight", weight));
        cpuset.ifPresent(list -> Numbers.idList("cpuset", list));
        memoryNodes.ifPresent(list -> Numbers.idList("memoryNodes", list));
        ioWeight.ifPresent(weight -> Numbers.weight("ioWeight", weight));
        io = List.copyOf(io);
        checkDevices(io);
        hugePages = copyPages(hugePages);
        cpuTime.ifPresent(time -> Numbers.positive("cpuTime", time));
        wallTime.ifPresent(time -> Numbers.positive("wallTime", time));
        idleTime.ifPresent(time -> Numbers.positive("idleTime", time));
        extraTime.ifPresent(time -> Numbers.notNegative("extraTime", time));
        Objects.requireNonNull(output, "output");
        rlimits = copy(rlimits);
        bestEffort = copy(bestEffort);
    }

    private static void checkDevices(List<DeviceIo> io) {
        for (int i = 0; i < io.size(); i++) {
            for (DeviceIo earlier : io.subList(0, i)) {
                if (earlier.device().equals(io.get(i).device())) {
                    throw new IllegalArgumentException(
                            "io #%d has the device of an earlier one: %s"
                                    .formatted(i, earlier.device()));
                }
            }
        }
    }

    private static Map<Bytes, Bytes> copyPages(Map<Bytes, Bytes> pages) {
        Map<Bytes, Bytes> copy = new TreeMap<>(pages);
        copy.forEach((page, size) -> {
            Numbers.powerOfTwo("page size of hugePages", page);
            Objects.requireNonNull(size, "size of hugePages");
        });
        return Collections.unmodifiableMap(copy);
    }

    private static Map<Rlimit, RlimitValue> copy(Map<Rlimit, RlimitValue> rlimits) {
        Map<Rlimit, RlimitValue> copy = new EnumMap<>(Rlimit.class);
        for (Rlimit limit : Rlimit.values()) {
            limit.defaultValue().ifPresent(value -> copy.put(limit, value));
        }
        rlimits.forEach((limit, value) -> copy.put(limit, Objects.requireNonNull(value, "value")));
        return Collections.unmodifiableMap(copy);
    }

    private static Set<LimitItem> copy(Set<LimitItem> items) {
        Set<LimitItem> copy = EnumSet.noneOf(LimitItem.class);
        copy.addAll(items);
        return Collections.unmodifiableSet(copy);
    }

    /// {@return the default}
    ///
    /// - 1 GiB of memory, no swap, 256 processes and threads, and 5 minutes of processor time for
    ///   all processes together; these four are best effort;
    /// - 5 minutes of wall time, and 16 MiB of output on each stream;
    /// - the defaults of [Rlimit].
    public static ResourceLimits standard() {
        return unlimited()
                .memory(DEFAULT_MEMORY)
                .swap(DEFAULT_SWAP)
                .pids(DEFAULT_PIDS)
                .cpuTime(DEFAULT_CPU_TIME)
                .wallTime(DEFAULT_WALL_TIME)
                .output(DEFAULT_OUTPUT)
                .bestEffort(LimitItem.MEMORY, LimitItem.SWAP, LimitItem.PIDS, LimitItem.CPU_TIME);
    }

    /// {@return no limit but the defaults of [Rlimit]}
    public static ResourceLimits unlimited() {
        return new LimitsDraft().limits();
    }

    /// {@return whether there is such a limit}
    ///
    /// @param item which limit
    public boolean isSet(LimitItem item) {
        return switch (item) {
            case MEMORY -> memory.isPresent();
            case MEMORY_HIGH -> memoryHigh.isPresent();
            case SWAP -> swap.isPresent();
            case PIDS -> pids.isPresent();
            case CPUS -> cpus.isPresent();
            case CPU_BURST -> cpuBurst.isPresent();
            case CPU_WEIGHT -> cpuWeight.isPresent();
            case CPUSET -> cpuset.isPresent();
            case MEMORY_NODES -> memoryNodes.isPresent();
            case IO -> !io.isEmpty();
            case IO_WEIGHT -> ioWeight.isPresent();
            case HUGE_PAGES -> !hugePages.isEmpty();
            case CPU_TIME -> cpuTime.isPresent();
            case IDLE_TIME -> idleTime.isPresent();
        };
    }

    /// {@return whether there is such a limit and a host that cannot enforce it must refuse the
    /// launch}
    ///
    /// @param item which limit
    public boolean isRequired(LimitItem item) {
        return isSet(item) && !bestEffort.contains(item);
    }

    /// Checks what one setter cannot see: whether the limits go together.
    ///
    /// @return these limits
    /// @throws IllegalArgumentException if the burst exceeds the processor time of a period
    public ResourceLimits requireConsistent() {
        cpuBurst.ifPresent(burst -> {
            double share =
                    cpus.orElseThrow(() ->
                            new IllegalArgumentException(
                                    "cpuBurst %s needs a limit on cpus, to which it adds"
                                            .formatted(Units.formatDuration(burst))));
            Duration most = Duration.ofNanos((long) (share * PERIOD.toNanos()));
            if (burst.compareTo(most) > 0) {
                throw new IllegalArgumentException(
                        "cpuBurst must be <= %s, the time that cpus %s gives in %s, was %s"
                                .formatted(
                                        Units.formatDuration(most),
                                        share,
                                        Units.formatDuration(PERIOD),
                                        Units.formatDuration(burst)));
            }
        });
        return this;
    }

    /// {@return these limits, of which these are best effort}
    ///
    /// A mark on a limit that is not set has no effect, and setting a limit removes its mark.
    ///
    /// @param items which limits
    public ResourceLimits bestEffort(LimitItem... items) {
        return with(draft -> draft.bestEffort.addAll(Arrays.asList(items)));
    }

    /// {@return these limits, of which these are required}
    ///
    /// @param items which limits
    public ResourceLimits required(LimitItem... items) {
        return with(draft -> draft.bestEffort.removeAll(Arrays.asList(items)));
    }

    /// {@return what each command of a session has of these for itself: times, output and the
    /// limits of each process} The others all its commands share.
    public ResourceLimits ofEachCommand() {
        LimitsDraft draft = new LimitsDraft();
        draft.cpuTime = cpuTime;
        draft.wallTime = wallTime;
        draft.idleTime = idleTime;
        draft.extraTime = extraTime;
        draft.output = output;
        draft.rlimits.putAll(rlimits);
        draft.bestEffort.addAll(bestEffort);
        return draft.limits();
    }

    private ResourceLimits with(Consumer<LimitsDraft> change) {
        LimitsDraft draft = new LimitsDraft(this);
        change.accept(draft);
        return draft.limits();
    }

    /// Sets or removes a limit, which loses its mark.
    private ResourceLimits with(LimitItem item, Consumer<LimitsDraft> change) {
        return with(change.andThen(draft -> draft.bestEffort.remove(item)));
    }

    /// {@return these limits with another one for memory}
    ///
    /// @param size the limit
    public ResourceLimits memory(Bytes size) {
        return with(LimitItem.MEMORY, draft -> draft.memory = Optional.of(size));
    }

    /// {@return these limits without one for memory}
    public ResourceLimits unlimitedMemory() {
        return with(LimitItem.MEMORY, draft -> draft.memory = Optional.empty());
    }

    /// {@return these limits with another one for memory beyond which the run is slowed down}
    ///
    /// @param size the limit
    public ResourceLimits memoryHigh(Bytes size) {
        return with(LimitItem.MEMORY_HIGH, draft -> draft.memoryHigh = Optional.of(size));
    }

    /// {@return these limits with another one for swap}
    ///
    /// @param size the limit
    public ResourceLimits swap(Bytes size) {
        return with(LimitItem.SWAP, draft -> draft.swap = Optional.of(size));
    }

    /// {@return these limits without one for swap}
    public ResourceLimits unlimitedSwap() {
        return with(LimitItem.SWAP, draft -> draft.swap = Optional.empty());
    }

    /// {@return these limits with another one for processes and threads}
    ///
    /// @param count the limit
    public ResourceLimits pids(long count) {
        return with(LimitItem.PIDS, draft -> draft.pids = Optional.of(count));
    }

    /// {@return these limits without one for processes and threads}
    public ResourceLimits unlimitedPids() {
        return with(LimitItem.PIDS, draft -> draft.pids = Optional.empty());
    }

    /// {@return these limits with another one for processors}
    ///
    /// @param count the limit
    public ResourceLimits cpus(double count) {
        return with(LimitItem.CPUS, draft -> draft.cpus = Optional.of(count));
    }

    /// {@return these limits with another one for the burst of processor time}
    ///
    /// @param time the limit
    public ResourceLimits cpuBurst(Duration time) {
        return with(LimitItem.CPU_BURST, draft -> draft.cpuBurst = Optional.of(time));
    }

    /// {@return these limits with another one for the share of processors}
    ///
    /// @param weight 1 to 10000
    public ResourceLimits cpuWeight(int weight) {
        return with(LimitItem.CPU_WEIGHT, draft -> draft.cpuWeight = Optional.of(weight));
    }

    /// {@return these limits with another one for the processors to run on}
    ///
    /// @param list such as `0-1,3`
    public ResourceLimits cpuset(String list) {
        return with(LimitItem.CPUSET, draft -> draft.cpuset = Optional.of(list));
    }

    /// {@return these limits with another one for the memory nodes to use}
    ///
    /// @param list such as `0`
    public ResourceLimits memoryNodes(String list) {
        return with(LimitItem.MEMORY_NODES, draft -> draft.memoryNodes = Optional.of(list));
    }

    /// {@return these limits with another one for the share of block devices}
    ///
    /// @param weight 1 to 10000
    public ResourceLimits ioWeight(int weight) {
        return with(LimitItem.IO_WEIGHT, draft -> draft.ioWeight = Optional.of(weight));
    }

    /// {@return these limits with another one for a block device}
    ///
    /// @param limit the limit; one with the same path is replaced
    public ResourceLimits io(DeviceIo limit) {
        return with(
                LimitItem.IO,
                draft -> {
                    draft.io.removeIf(other -> other.device().equals(limit.device()));
                    draft.io.add(limit);
                });
    }

    /// {@return these limits with another one for huge pages of a size}
    ///
    /// @param page the size of a page, a power of two
    /// @param size the limit; 0 for none of them
    public ResourceLimits hugePages(Bytes page, Bytes size) {
        return with(LimitItem.HUGE_PAGES, draft -> draft.hugePages.put(page, size));
    }

    /// {@return these limits with another one for processor time}
    ///
    /// @param time the limit
    public ResourceLimits cpuTime(Duration time) {
        return with(LimitItem.CPU_TIME, draft -> draft.cpuTime = Optional.of(time));
    }

    /// {@return these limits without one for processor time}
    public ResourceLimits unlimitedCpuTime() {
        return with(LimitItem.CPU_TIME, draft -> draft.cpuTime = Optional.empty());
    }

    /// {@return these limits with another one for wall time}
    ///
    /// @param time the limit
    public ResourceLimits wallTime(Duration time) {
        return with(draft -> draft.wallTime = Optional.of(time));
    }

    /// {@return these limits without one for wall time}
    public ResourceLimits unlimitedWallTime() {
        return with(draft -> draft.wallTime = Optional.empty());
    }

    /// {@return these limits with another one for time without a sign of life}
    ///
    /// @param time the limit
    public ResourceLimits idleTime(Duration time) {
        return with(LimitItem.IDLE_TIME, draft -> draft.idleTime = Optional.of(time));
    }

    /// {@return these limits with another one for the time between a limit on time and the kill}
    ///
    /// @param time the time; 0 for none
    public ResourceLimits extraTime(Duration time) {
        return with(draft -> draft.extraTime = Optional.of(time));
    }

    /// {@return these limits with another one for output}
    ///
    /// @param size the limit
    public ResourceLimits output(Bytes size) {
        return with(draft -> draft.output = Optional.of(size));
    }

    /// {@return these limits without one for output}
    public ResourceLimits unlimitedOutput() {
        return with(draft -> draft.output = Optional.empty());
    }

    /// {@return these limits with another per-process limit}
    ///
    /// @param limit which limit
    /// @param value its values
    public ResourceLimits rlimit(Rlimit limit, RlimitValue value) {
        return with(draft -> draft.rlimits.put(limit, value));
    }

    /// What is set, with durations as JSON has them.
    @Override
    public String toString() {
        return Parts.set("ResourceLimits")
                .add("memory", memory)
                .add("memoryHigh", memoryHigh)
                .add("swap", swap)
                .add("pids", pids)
                .add("cpus", cpus)
                .add("cpuBurst", cpuBurst)
                .add("cpuWeight", cpuWeight)
                .add("cpuset", cpuset)
                .add("memoryNodes", memoryNodes)
                .add("ioWeight", ioWeight)
                .add("io", io)
                .add("hugePages", hugePages)
                .add("cpuTime", cpuTime)
                .add("wallTime", wallTime)
                .add("idleTime", idleTime)
                .add("extraTime", extraTime)
                .add("output", output)
                .add("rlimits", rlimits)
                .add("bestEffort", bestEffort)
                .toString();
    }
}
