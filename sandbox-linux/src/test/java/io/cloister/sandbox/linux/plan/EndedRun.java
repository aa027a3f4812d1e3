package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupReading;
import io.cloister.sandbox.linux.limit.Metric;
import io.cloister.sandbox.linux.plan.EndReport.Used;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A run that has ended, told step by step: unless more is said, nothing is known of it but that it
/// took 77 seconds.
final class EndedRun {

    static final Duration ELAPSED = Duration.ofSeconds(77);

    private Optional<EndReport> report = Optional.empty();
    private Optional<Kill> kill = Optional.empty();
    private Optional<Duration> cpuLimit = Optional.empty();
    private Optional<Duration> wallLimit = Optional.empty();
    private boolean fileSizeLimited;
    private boolean grouped;
    private CgroupLimits groupLimits = limits(Optional.of(1L << 20), Optional.of(5L));
    private String memoryFile = "memory.events";
    private final Map<Metric, Long> counted = new EnumMap<>(Metric.class);
    private long foreignNanos;
    private List<String> full = List.of();
    private Duration paused = Duration.ZERO;

    EndedRun exit(int code) {
        return status(code << 8);
    }

    EndedRun signal(int signal) {
        return status(signal);
    }

    private EndedRun status(int status) {
        EndReport r = report.orElse(report(Duration.ZERO, Used.NOTHING));
        return report(
                new EndReport(
                        status,
                        r.createdAt(),
                        r.startedAt(),
                        r.executedAt(),
                        r.endedAt(),
                        r.used()));
    }

    EndedRun report(EndReport other) {
        report = Optional.of(other);
        return this;
    }

    /// What the report tells; the status that was told before stays.
    EndedRun took(Duration wall, Used used) {
        int status = report.orElseThrow().waitStatus();
        report = Optional.of(report(wall, used));
        return status(status);
    }

    /// What the report tells of the processor time of the command.
    EndedRun used(Duration cpuTime) {
        return took(Duration.ZERO, usedInPrograms(cpuTime));
    }

    EndedRun took(Duration wall) {
        return took(wall, Used.NOTHING);
    }

    private static EndReport report(Duration wall, Used used) {
        return new EndReport(0, 100, 1_100, 2_100, 1_100 + wall.toNanos(), used);
    }

    static Used usedInPrograms(Duration time) {
        return new Used(time, Duration.ZERO, 0, 0, 0, 0, 0);
    }

    EndedRun killed(Outcome reason, String observed) {
        kill = Optional.of(new Kill(reason, observed));
        return this;
    }

    EndedRun cpuLimit(Duration limit) {
        cpuLimit = Optional.of(limit);
        return this;
    }

    EndedRun wallLimit(Duration limit) {
        wallLimit = Optional.of(limit);
        return this;
    }

    EndedRun fileSizeLimit() {
        fileSizeLimited = true;
        return this;
    }

    EndedRun group() {
        grouped = true;
        return this;
    }

    EndedRun oomKills(long count) {
        return counted(Metric.OOM_KILLS, count);
    }

    EndedRun oomGroupKills(long count) {
        return counted(Metric.OOM_GROUP_KILLS, count);
    }

    EndedRun pidsMaxHits(long count) {
        return counted(Metric.PIDS_MAX_HITS, count);
    }

    EndedRun memoryFile(String file) {
        memoryFile = file;
        return group();
    }

    EndedRun counted(Metric metric, long value) {
        counted.put(metric, value);
        return group();
    }

    /// The group has no limit on memory and processes.
    EndedRun unlimited() {
        groupLimits = CgroupLimits.NONE;
        return group();
    }

    private static CgroupLimits limits(Optional<Long> memory, Optional<Long> pids) {
        CgroupLimits none = CgroupLimits.NONE;
        return new CgroupLimits(
                memory,
                none.memoryHigh(),
                none.swapMax(),
                pids,
                none.cpuMax(),
                none.cpuWeight(),
                none.cpusetCpus(),
                none.cpusetMems(),
                none.ioWeight(),
                none.ioMax(),
                none.hugePages());
    }

    EndedRun foreign(Duration time) {
        foreignNanos = time.toNanos();
        return group();
    }

    EndedRun full(String... places) {
        full = List.of(places);
        return this;
    }

    EndedRun paused(Duration time) {
        paused = time;
        return this;
    }

    Ending ending() {
        Optional<GroupEnd> end =
                grouped
                        ? Optional.of(
                                new GroupEnd(
                                        groupLimits,
                                        new CgroupReading(counted),
                                        memoryFile,
                                        foreignNanos))
                        : Optional.empty();
        return new Ending(
                report,
                kill,
                new Bounds(cpuLimit, wallLimit, fileSizeLimited, false),
                end,
                full,
                new Ending.Clocks(0, 50, ELAPSED, paused));
    }
}
