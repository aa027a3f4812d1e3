package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Signal;

import java.time.Duration;
import java.util.Optional;

/// Derives the outcome from what is known.
///
/// @param report the report of the first process; absent if it was killed
/// @param killedFor why the JVM killed the command; absent if it did not
/// @param cpuTime the limit on CPU time
/// @param fileSizeLimited whether the size of files is limited
/// @param elapsed how long the launch took in all, for a run without a report
public record Ending(
        Optional<EndReport> report,
        Optional<Outcome> killedFor,
        Optional<Duration> cpuTime,
        boolean fileSizeLimited,
        Duration elapsed) {

    private static final int SIGKILL = 9;
    private static final int SIGXCPU = 24;
    private static final int SIGXFSZ = 25;
    private static final int SIGSYS = 31;

    /// The outcome; empty if nothing tells it.
    ///
    /// A kill record only counts if the command died of it: one that exited just before has exited.
    public Optional<Outcome> outcome() {
        if (report.isEmpty()) {
            return killedFor;
        }
        EndReport end = report.get();
        if (killedFor.isPresent() && (end.signal() == SIGKILL || isOutput(killedFor.get()))) {
            return killedFor;
        }
        if (end.exited()) {
            return Optional.of(new Outcome.Exited(end.exitCode()));
        }
        if (cpuTimeUsedUp(end)) {
            return Optional.of(new Outcome.LimitReached(Limit.CPU_TIME));
        }
        return Optional.of(
                switch (end.signal()) {
                    case SIGXFSZ ->
                            fileSizeLimited
                                    ? new Outcome.LimitReached(Limit.DISK)
                                    : new Outcome.Signalled(new Signal(SIGXFSZ));
                    case SIGSYS -> new Outcome.PolicyViolated("of a foreign ABI (int 0x80, x32)");
                    default -> new Outcome.Signalled(new Signal(end.signal()));
                });
    }

    /// What was written beyond the limit was cut off, however the command ended.
    private static boolean isOutput(Outcome outcome) {
        return outcome instanceof Outcome.LimitReached(Limit limit) && limit == Limit.OUTPUT;
    }

    /// The kernel sends SIGXCPU at the soft limit, by counting ticks, which under load is far from
    /// the time that it reports; and SIGKILL at the hard one. A program can send itself either, so
    /// the time used must bear it out.
    private boolean cpuTimeUsedUp(EndReport end) {
        if (cpuTime.isEmpty()) {
            return false;
        }
        Duration used = end.userTime().plus(end.systemTime());
        long limit = Rlimits.wholeSeconds(cpuTime.get());
        return switch (end.signal()) {
            case SIGXCPU -> used.multipliedBy(2).toSeconds() >= limit;
            case SIGKILL -> used.toSeconds() >= limit;
            default -> false;
        };
    }

    /// What a shell would give as the exit status of the command.
    public int exitValue() {
        return report.map(end -> end.exited() ? end.exitCode() : 128 + end.signal())
                .orElse(128 + SIGKILL);
    }

    /// The usage; without a report only the time is known.
    public ResourceUsage usage() {
        return report.map(end ->
                        new ResourceUsage(
                                end.wallTime(),
                                end.userTime(),
                                end.systemTime(),
                                Optional.of(Bytes.of(end.largestResidentBytes())),
                                end.minorFaults(),
                                end.majorFaults(),
                                end.voluntarySwitches(),
                                end.involuntarySwitches()))
                .orElseGet(() ->
                        new ResourceUsage(
                                elapsed,
                                Duration.ZERO,
                                Duration.ZERO,
                                Optional.empty(),
                                0,
                                0,
                                0,
                                0));
    }
}
