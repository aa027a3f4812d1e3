package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SetUpTimes;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.linux.limit.Metric;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Derives the outcome from evidence.
///
/// @param report the report of the first process; absent if it was killed
/// @param kill why the JVM killed the command; absent if it did not
/// @param bounds the limits that were in force at the end
/// @param group what the control group told; absent where there was none
/// @param full the file systems in memory that were full at the end
/// @param clocks the times that the JVM saw
public record Ending(
        Optional<EndReport> report,
        Optional<Kill> kill,
        Bounds bounds,
        Optional<GroupEnd> group,
        List<String> full,
        Clocks clocks) {

    private static final int SIGKILL = 9;
    private static final int SIGXCPU = 24;
    private static final int SIGXFSZ = 25;
    private static final int SIGSYS = 31;

    /// Times of the JVM's, in nanoseconds of its monotonic clock.
    ///
    /// @param requestedAt when the launch was asked for
    /// @param sentAt when it was sent
    /// @param elapsed from the request to the end
    /// @param paused for how long of it the run was paused
    public record Clocks(long requestedAt, long sentAt, Duration elapsed, Duration paused) {}

    /// The same ending, with this kill record.
    public Ending killed(Optional<Kill> record) {
        return new Ending(report, record, bounds, group, full, clocks);
    }

    /// The outcome; empty if nothing tells it.
    ///
    /// A kill record only counts if the command died of it: one that exited just before has exited.
    public Optional<Outcome> outcome() {
        if (report.isEmpty()) {
            return kill.map(Kill::reason)
                    .or(() -> oomKilled() ? limit(Limit.MEMORY) : Optional.empty());
        }
        EndReport end = report.get();
        if (kill.isPresent() && (end.signal() == SIGKILL || isProven(kill.get().reason()))) {
            return Optional.of(kill.get().reason());
        }
        return reached().flatMap(Ending::limit).or(() -> Optional.of(ownEnd(end)));
    }

    /// `outcome` with the time that the usage has too. A kill record has the time from the request
    /// to the kill, and for the end of a session the age of the session.
    public Outcome timed(Outcome outcome) {
        return outcome instanceof Outcome.Cancelled ? new Outcome.Cancelled(wallTime()) : outcome;
    }

    private static Optional<Outcome> limit(Limit limit) {
        return Optional.of(new Outcome.LimitReached(limit));
    }

    private boolean oomKilled() {
        return group.filter(GroupEnd::ranOutOfMemory).isPresent();
    }

    private boolean pidsRefused() {
        return group.filter(GroupEnd::ranOutOfPids).isPresent();
    }

    private long count(Metric event) {
        return group.map(end -> end.count(event)).orElse(0L);
    }

    /// The limit that was reached, as is proven, though the command ended before it was killed.
    private Optional<Limit> reached() {
        EndReport end = report.orElseThrow();
        if (oomKilled()) {
            return Optional.of(Limit.MEMORY);
        }
        if (pidsRefused()) {
            return Optional.of(Limit.PIDS);
        }
        if (!full.isEmpty() && !(end.exited() && end.exitCode() == 0)) {
            return Optional.of(Limit.DISK);
        }
        if (end.signal() == SIGXFSZ && bounds.fileSizeLimited()) {
            return Optional.of(Limit.DISK);
        }
        if (cpuTimeUsedUp(end)) {
            return Optional.of(Limit.CPU_TIME);
        }
        return bounds.wallTime()
                .filter(limit -> end.wallTime().minus(clocks.paused()).compareTo(limit) > 0)
                .map(_ -> Limit.WALL_TIME);
    }

    private Outcome ownEnd(EndReport end) {
        if (end.exited()) {
            return new Outcome.Exited(end.exitCode());
        }
        return end.signal() == SIGSYS
                ? new Outcome.PolicyViolated(
                        bounds.unheard()
                                ? "not named, since what runs this JVM listens to its system calls"
                                : "trapped, or of a foreign ABI (int 0x80, x32)")
                : new Outcome.Signalled(new Signal(end.signal()));
    }

    /// Whether it counts however the command ended: what was written beyond the limit was cut off,
    /// and a forbidden call was made, perhaps by another process.
    private static boolean isProven(Outcome outcome) {
        return outcome instanceof Outcome.PolicyViolated
                || outcome instanceof Outcome.LimitReached(Limit limit) && limit == Limit.OUTPUT;
    }

    /// SIGXCPU comes from the limit of a single process, the backstop. The kernel decides that by
    /// counting ticks, which under load is far from the time that it reports; and a program can
    /// send itself the signal: so the time used must bear it out.
    private boolean cpuTimeUsedUp(EndReport end) {
        if (bounds.cpuTime().isEmpty()) {
            return false;
        }
        Duration limit = bounds.cpuTime().get();
        Duration used = cpuTime().orElse(Duration.ZERO);
        return used.compareTo(limit) >= 0
                || end.signal() == SIGXCPU && used.multipliedBy(2).compareTo(limit) >= 0;
    }

    /// What the outcome was derived from, the decisive observation first.
    public List<Evidence> evidence() {
        List<Evidence> list = new ArrayList<>();
        kill.ifPresent(k -> list.add(new Evidence("kill record", k.observed())));
        if (count(Metric.OOM_KILLS) > 0 && !isRecorded(Limit.MEMORY)) {
            list.add(
                    new Evidence(
                            group.orElseThrow().memoryFile(),
                            "oom_kill "
                                    + count(Metric.OOM_KILLS)
                                    + group.flatMap(g -> g.reading().get(Metric.OOM_GROUP_KILLS))
                                            .map(n -> ", oom_group_kill " + n)
                                            .orElse("")
                                    + (oomKilled() ? "" : ", not for its own limit")));
        }
        if (count(Metric.PIDS_MAX_HITS) > 0 && !isRecorded(Limit.PIDS)) {
            list.add(
                    new Evidence(
                            "pids.events",
                            "max "
                                    + count(Metric.PIDS_MAX_HITS)
                                    + (pidsRefused() ? "" : ", not for its own limit")));
        }
        full.stream()
                .filter(_ -> !isRecorded(Limit.DISK))
                .forEach(place -> list.add(new Evidence("file system at " + place, "full")));
        bounds.cpuTime()
                .filter(_ -> !isRecorded(Limit.CPU_TIME))
                .flatMap(limit ->
                        cpuTime()
                                .filter(used -> used.compareTo(limit) >= 0)
                                .map(used -> used(used, limit)))
                .ifPresent(text -> list.add(new Evidence("processor time", text)));
        bounds.wallTime()
                .filter(_ -> !isRecorded(Limit.WALL_TIME))
                .flatMap(limit ->
                        report.map(end -> end.wallTime().minus(clocks.paused()))
                                .filter(used -> used.compareTo(limit) > 0)
                                .map(used -> used(used, limit)))
                .ifPresent(text -> list.add(new Evidence("wall time", text)));
        list.add(
                new Evidence(
                        "wait status",
                        report.map(Ending::waitStatus)
                                .orElse("none: the first process of the sandbox was killed")));
        return List.copyOf(list);
    }

    /// Whether the kill record says it already.
    private boolean isRecorded(Limit limit) {
        return kill.map(Kill::reason).filter(new Outcome.LimitReached(limit)::equals).isPresent();
    }

    private static String used(Duration used, Duration limit) {
        return Units.showDuration(used) + " of " + Units.showDuration(limit);
    }

    private static String waitStatus(EndReport end) {
        return end.exited() ? "exit code " + end.exitCode() : new Signal(end.signal()).toString();
    }

    /// What a shell would give as the exit status of the command.
    public int exitValue() {
        return report.map(end -> end.exited() ? end.exitCode() : 128 + end.signal())
                .orElse(128 + SIGKILL);
    }

    /// The processor time of the command and of all that it started; empty if nothing tells.
    private Optional<Duration> cpuTime() {
        return Usages.cpuTime(report, group);
    }

    private Duration wallTime() {
        return report.map(EndReport::wallTime).orElse(clocks.elapsed());
    }

    /// The usage.
    public ResourceUsage usage() {
        Optional<SetUpTimes> setUp =
                report.map(end -> end.setUp(clocks.requestedAt(), clocks.sentAt()));
        return Usages.of(wallTime(), report, group).setUp(setUp).build();
    }
}
