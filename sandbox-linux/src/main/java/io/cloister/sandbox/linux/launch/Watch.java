package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.limit.Metric.OOM_KILLS;
import static io.cloister.sandbox.linux.limit.Metric.PIDS_MAX_HITS;
import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.EPOLLPRI;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.limit.EndEvidence;
import io.cloister.sandbox.linux.plan.Deadlines;
import io.cloister.sandbox.linux.plan.GroupEnd;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.LimitPlan;
import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.plan.Usages;
import io.cloister.sandbox.linux.watch.TreeSample;
import io.cloister.sandbox.linux.watch.TreeWatch;
import io.cloister.sandbox.policy.ResourceLimits;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Watches one run, and kills it for the limits that no mechanism of the kernel ends a run for:
/// times, refused processes, file systems that are full; and, where there is no control group,
/// memory and the number of processes.
///
/// Processor time is looked at when the limit can be reached at the earliest: what is left of it,
/// divided by the number of processors. So it is noticed at once, and a run that waits costs
/// nothing. What has to be looked for is looked for every [#TICK]; a run that ends before the first
/// look costs nothing either.
///
/// A sandbox that stays is looked at while somebody is in it, once more after the last one has
/// left, and then not until somebody comes: with many of them, looks at those that do nothing would
/// take all the time, and their files all descriptors.
///
/// Not thread-safe: its run's monitor guards it, and its timers go through `guarded`.
final class Watch {

    /// How long a breach may go unnoticed that has to be looked for.
    private static final Duration TICK = Duration.ofMillis(50);

    private static final Duration LEAST = Duration.ofMillis(1);

    /// What a program that waits uses meanwhile, for example to look at a clock.
    private static final long IDLE_NANOS = 1_000_000;

    /// Looks that may fail in turn.
    private static final int MOST_FAILURES = 20;

    private static final int CPUS = Processors.online();
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final EventLoop loop;
    private final Optional<RunGroup> group;
    private final Watched watched;
    private final long launchedAt = System.nanoTime();
    private final List<EventLoop.Registration> registrations = new ArrayList<>();
    private volatile LimitPlan plan;
    private volatile ResourceLimits limits;
    private Optional<EventLoop.Timer> wallTimer = Optional.empty();
    private Optional<EventLoop.Timer> cpuTimer = Optional.empty();
    private Optional<EventLoop.Timer> tickTimer = Optional.empty();
    private Supplier<OptionalLong> pid = OptionalLong::empty;
    private volatile Optional<TreeSampler.Watched> sampled = Optional.empty();
    private volatile long sampledCpu;
    private Optional<FullFilesystems> filesystems = Optional.empty();
    private LongSupplier foreign = () -> 0;
    private long startedAt;
    private long pausedAt;
    private long pausedNanos;
    private int failures;
    private long activeAt;
    private long activeCpu;
    private long activeOutput;
    private boolean eventsWatched;
    private boolean looksForEvents;
    private boolean started;
    private volatile boolean paused;
    private boolean timePasses;
    private boolean stopped;

    /// Commands and others who may use up what there is. For ever one in a run of its own.
    private final AtomicInteger present = new AtomicInteger();

    private final AtomicBoolean resting = new AtomicBoolean();

    /// The run, as it is seen from here.
    ///
    /// @param sandbox the number of its sandbox
    /// @param guarded runs what a timer does under the run's monitor
    /// @param killer kills the run for a limit
    /// @param broken ends the run because it cannot be watched
    /// @param output how many bytes it has written
    /// @param rests to be called when it is not looked at for a while; empty: that is never so
    record Watched(
            long sandbox,
            Consumer<Runnable> guarded,
            Consumer<Kill> killer,
            Consumer<Throwable> broken,
            LongSupplier output,
            Optional<Runnable> rests) {}

    Watch(
            EventLoop loop,
            ResourceLimits limits,
            LimitPlan plan,
            Optional<RunGroup> group,
            Watched watched) {
        this.loop = loop;
        this.limits = limits;
        this.plan = plan;
        this.group = group;
        this.watched = watched;
        present.set(watched.rests().isPresent() ? 0 : 1);
        armWall();
    }

    /// How the limits in force are kept.
    LimitPlan plan() {
        return plan;
    }

    /// The limits in force.
    ResourceLimits limits() {
        return limits;
    }

    /// The program runs.
    ///
    /// @param firstPid the first process of the sandbox, as the host sees it; empty once it is gone
    /// @param notOurs how much of what the group has counted is not the program's, in nanoseconds
    /// @param full the file systems to watch
    void started(Supplier<OptionalLong> firstPid, LongSupplier notOurs, FullFilesystems full) {
        startedAt = System.nanoTime();
        started = true;
        filesystems = Optional.of(full);
        pid = firstPid;
        foreign = notOurs;
        armCpu();
        activeAt = startedAt;
        scheduleTick();
    }

    /// Somebody comes; [#wake()] is to be called once they can do something.
    void enter() {
        present.incrementAndGet();
    }

    /// They have left, and nothing of theirs does anything any more.
    void leave() {
        present.decrementAndGet();
    }

    /// Looks again from now on. Any thread may call it, under whatever monitor.
    void wake() {
        if (resting.compareAndSet(true, false)) {
            // At once: commands that take less than a look add up.
            sampled.ifPresent(TreeSampler.Watched::resume);
            loop.schedule(TICK, () -> watched.guarded().accept(this::tick));
        }
    }

    /// Whoever enters meanwhile finds it at rest, or is seen here.
    private void rest() {
        registrations.forEach(EventLoop.Registration::cancel);
        registrations.clear();
        eventsWatched = false;
        sampled.ifPresent(TreeSampler.Watched::rest);
        watched.rests().ifPresent(Runnable::run);
        resting.set(true);
        if (present.get() > 0) {
            wake();
        }
    }

    private void scheduleTick() {
        tickTimer = Optional.of(loop.schedule(TICK, () -> watched.guarded().accept(this::tick)));
    }

    /// Nothing is to be watched any more. Idempotent.
    void stop() {
        stopped = true;
        cancel(wallTimer);
        cancel(cpuTimer);
        cancel(tickTimer);
        registrations.forEach(EventLoop.Registration::cancel);
        registrations.clear();
        sampled.ifPresent(TreeSampler.Watched::close);
    }

    /// Closes what it looked through; after [#stop()].
    void close() {
        stop();
        filesystems.ifPresent(FullFilesystems::close);
    }

    private static void cancel(Optional<EventLoop.Timer> timer) {
        timer.ifPresent(EventLoop.Timer::cancel);
    }

    /// The places of file systems that are full.
    List<String> full() {
        return filesystems.map(FullFilesystems::full).orElse(List.of());
    }

    /// What is left of each file system in memory.
    Map<String, StartReport.Room> rooms() {
        return filesystems.map(FullFilesystems::rooms).orElse(Map.of());
    }

    /// For how long the run has been paused.
    Duration pausedTime() {
        long now = paused && !timePasses ? System.nanoTime() - pausedAt : 0;
        return Duration.ofNanos(pausedNanos + now);
    }

    /// How long the run has been going on.
    Duration wallTime() {
        return Duration.ofNanos(System.nanoTime() - (started ? startedAt : launchedAt));
    }

    /// What the run has used so far.
    ResourceUsage usage() {
        if (group.isPresent()) {
            return Usages.live(wallTime(), group.get().read(), foreign.getAsLong()).build();
        }
        ResourceUsage.Builder usage = ResourceUsage.builder(wallTime());
        OptionalLong head = plan.watchable() ? pid.get() : OptionalLong.empty();
        if (head.isPresent()) {
            TreeSample.of(Math.toIntExact(head.getAsLong()))
                    .ifPresent(sample ->
                            usage.cpuTime(Duration.ofNanos(Math.max(sampledCpu, sample.cpuNanos())))
                                    .processes(Math.max(0, sample.threads() - 1)));
        }
        return usage.build();
    }

    boolean isPaused() {
        return paused;
    }

    void paused(PausedTime time) {
        paused = true;
        timePasses = time == PausedTime.PASSES;
        pausedAt = System.nanoTime();
        if (!timePasses) {
            cancel(wallTimer);
        }
        cancel(cpuTimer);
    }

    void resumed() {
        pausedNanos += timePasses ? 0 : System.nanoTime() - pausedAt;
        paused = false;
        active(cpuNanos());
        armWall();
        armCpu();
    }

    /// Other limits are in force.
    void changed(ResourceLimits newLimits, LimitPlan newPlan) {
        limits = newLimits;
        plan = newPlan;
        armWall();
        armCpu();
        if (started && !stopped) {
            active(cpuNanos());
            cancel(tickTimer);
            tick();
        }
    }

    private Duration extra() {
        return limits.extraTime().orElse(Duration.ZERO);
    }

    private void armWall() {
        cancel(wallTimer);
        if (stopped || paused && !timePasses || limits.wallTime().isEmpty()) {
            return;
        }
        Duration limit = limits.wallTime().get();
        Duration used = Duration.ofNanos(System.nanoTime() - launchedAt - pausedNanos);
        Duration left = Deadlines.sum(limit, extra()).minus(used);
        wallTimer =
                Optional.of(
                        loop.schedule(
                                left.isNegative() ? Duration.ZERO : left,
                                () ->
                                        watched.guarded()
                                                .accept(() ->
                                                        kill(
                                                                Limit.WALL_TIME,
                                                                "after %s of wall time"
                                                                        .formatted(
                                                                                Units.showDuration(
                                                                                        limit))))));
    }

    /// A look that fails, for example since the JVM is out of descriptors, is taken again soon; a
    /// run that cannot be watched does not go on.
    private void look(Runnable look, Runnable again) {
        try {
            look.run();
            failures = 0;
        } catch (RuntimeException e) {
            failures++;
            LOG.atWarn()
                    .addKeyValue("sandbox", watched.sandbox())
                    .addArgument(failures)
                    .setCause(e)
                    .log("a run could not be watched, {} times in turn");
            if (failures >= MOST_FAILURES) {
                watched.broken().accept(e);
            } else if (!stopped) {
                again.run();
            }
        }
    }

    private void armCpu() {
        look(
                this::armCpuOnce,
                () ->
                        cpuTimer =
                                Optional.of(
                                        loop.schedule(
                                                TICK,
                                                () -> watched.guarded().accept(this::armCpu))));
    }

    private void armCpuOnce() {
        cancel(cpuTimer);
        // Without a group the sampler looks.
        if (!started || stopped || paused || group.isEmpty() || limits.cpuTime().isEmpty()) {
            return;
        }
        Duration limit = limits.cpuTime().get();
        Duration left = Deadlines.sum(limit, extra()).minusNanos(cpuNanos());
        if (!left.isPositive()) {
            kill(
                    Limit.CPU_TIME,
                    "used %s of %s"
                            .formatted(
                                    Units.showDuration(Duration.ofNanos(cpuNanos())),
                                    Units.showDuration(limit)));
            return;
        }
        Duration soonest = left.dividedBy(CPUS);
        cpuTimer =
                Optional.of(
                        loop.schedule(
                                soonest.compareTo(LEAST) < 0 ? LEAST : soonest,
                                () -> watched.guarded().accept(this::armCpu)));
    }

    private long groupNanos() {
        return group.map(g -> g.cpuNanos().orElse(0)).orElse(0L);
    }

    /// What the program has used, as far as is known.
    private long cpuNanos() {
        return group.isEmpty() ? sampledCpu : Math.max(0, groupNanos() - foreign.getAsLong());
    }

    private void tick() {
        look(this::tickOnce, this::scheduleTick);
    }

    private void tickOnce() {
        if (stopped) {
            return;
        }
        boolean alone = present.get() == 0;
        if (!alone) {
            watchEvents();
        }
        lookAtEvents();
        lookAtFilesystems();
        watchTree();
        if (alone) {
            if (!stopped) {
                rest();
            }
            return;
        }
        lookForLife();
        boolean more =
                watched.rests().isPresent()
                        || filesystems.map(f -> !f.isEmpty()).orElse(false)
                        || looksForEvents
                        || limits.idleTime().isPresent();
        if (more && !stopped) {
            scheduleTick();
        }
    }

    /// Not before the first tick: most runs are over by then.
    private void watchEvents() {
        if (group.isEmpty() || eventsWatched) {
            return;
        }
        // Of an earlier look that failed half-way.
        registrations.forEach(EventLoop.Registration::cancel);
        registrations.clear();
        register(group.get().pidsEvents(), EPOLLPRI);
        // A file is always readable, and says by EPOLLPRI that it has changed; version 1 has a
        // counter of events instead.
        boolean counter = group.get().evidence().memoryFile().equals("memory.oom_control");
        register(group.get().memoryEvents(), counter ? EPOLLIN : EPOLLPRI);
        // Version 1 tells nobody when a process was refused, and of memory before it counts.
        looksForEvents =
                counter && plan.group().memoryMax().isPresent()
                        || plan.group().pidsMax().isPresent() && group.get().pidsEvents().isEmpty();
        eventsWatched = true;
    }

    private void register(OptionalInt descriptor, int events) {
        descriptor.ifPresent(fd ->
                registrations.add(
                        loop.register(
                                fd, events, _ -> watched.guarded().accept(this::lookAtEvents))));
    }

    private void lookAtEvents() {
        if (stopped || group.isEmpty()) {
            return;
        }
        breach().ifPresent(watched.killer());
    }

    /// What limit of the group was reached, if one was. Any thread may ask.
    Optional<Kill> breach() {
        if (group.isEmpty()) {
            return Optional.empty();
        }
        EndEvidence evidence = group.get().evidence();
        if (evidence.oomKills().orElse(0L) == 0 && evidence.pidsMaxHits().orElse(0L) == 0) {
            return Optional.empty();
        }
        GroupEnd told = new GroupEnd(plan.group(), group.get().read(), evidence.memoryFile(), 0);
        if (told.ranOutOfMemory()) {
            return Optional.of(
                    killFor(
                            Limit.MEMORY,
                            evidence.memoryFile() + ": oom_kill " + told.count(OOM_KILLS)));
        }
        return told.ranOutOfPids()
                ? Optional.of(killFor(Limit.PIDS, "pids.events: max " + told.count(PIDS_MAX_HITS)))
                : Optional.empty();
    }

    private void lookAtFilesystems() {
        List<String> full = full();
        if (!full.isEmpty()) {
            kill(Limit.DISK, "the file system at " + full.getFirst() + " is full");
        }
    }

    /// Not before the first tick: most runs are over by then.
    private void watchTree() {
        boolean wanted =
                plan.watchedMemory().isPresent()
                        || plan.watchedPids().isPresent()
                        || limits.cpuTime().isPresent()
                        || limits.idleTime().isPresent();
        if (sampled.isEmpty() && group.isEmpty() && plan.watchable() && wanted) {
            sampled = Optional.of(TreeSampler.SHARED.watch(pid, this::sample));
        }
    }

    /// What a look at the tree gave.
    ///
    /// @param once the memory with what is shared counted once, where the sum is beyond the limit
    /// @param problem why nothing could be seen
    private record Seen(
            Optional<TreeSample> sample, long once, Optional<RuntimeException> problem) {}

    /// On the sampler's thread.
    private void sample(TreeWatch tree) {
        Seen seen = seen(tree);
        watched.guarded().accept(() -> look(() -> judge(seen), () -> {}));
    }

    private Seen seen(TreeWatch tree) {
        try {
            Optional<TreeSample> sample = tree.sample();
            long sum = sample.map(TreeSample::memoryBytes).orElse(0L);
            // What is shared counts for each process that has it: a closer look before the verdict.
            boolean closer = plan.watchedMemory().filter(limit -> sum > limit).isPresent();
            long once =
                    closer ? tree.sampleSharedOnce().map(TreeSample::memoryBytes).orElse(0L) : sum;
            return new Seen(sample, once, Optional.empty());
        } catch (RuntimeException e) {
            return new Seen(Optional.empty(), 0, Optional.of(e));
        }
    }

    private void judge(Seen seen) {
        seen.problem()
                .ifPresent(problem -> {
                    throw problem;
                });
        seen.sample().ifPresent(sample -> judge(sample, seen.once()));
    }

    private void judge(TreeSample sample, long memory) {
        sampledCpu = Math.max(sampledCpu, sample.cpuNanos());
        long pids = sample.threads() - 1;
        if (plan.watchedPids().filter(limit -> pids > limit).isPresent()) {
            kill(Limit.PIDS, "%d processes and threads".formatted(pids));
        }
        if (plan.watchedMemory().filter(limit -> memory > limit).isPresent()) {
            kill(Limit.MEMORY, "all processes together have " + Bytes.of(memory));
        }
        Duration used = Duration.ofNanos(sampledCpu);
        limits.cpuTime()
                .filter(limit -> used.compareTo(Deadlines.sum(limit, extra())) >= 0)
                .ifPresent(limit ->
                        kill(
                                Limit.CPU_TIME,
                                "used %s of %s"
                                        .formatted(
                                                Units.showDuration(used),
                                                Units.showDuration(limit))));
    }

    private void lookForLife() {
        boolean counted = group.isPresent() || plan.watchable();
        if (limits.idleTime().isEmpty() || paused || !counted) {
            return;
        }
        long cpu = cpuNanos();
        if (cpu - activeCpu > IDLE_NANOS || watched.output().getAsLong() != activeOutput) {
            active(cpu);
            return;
        }
        Duration idle = Duration.ofNanos(System.nanoTime() - activeAt);
        if (idle.compareTo(limits.idleTime().get()) >= 0) {
            kill(Limit.IDLE, "no output and no use of a processor for " + Units.showDuration(idle));
        }
    }

    private void active(long cpu) {
        activeAt = System.nanoTime();
        activeCpu = cpu;
        activeOutput = watched.output().getAsLong();
    }

    private static Kill killFor(Limit limit, String observed) {
        return new Kill(new Outcome.LimitReached(limit), "killed for " + limit + ": " + observed);
    }

    private void kill(Limit limit, String observed) {
        if (!stopped) {
            watched.killer().accept(killFor(limit, observed));
        }
    }
}
