package io.cloister.samples.judge.verdict;

import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Signal;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What the end of a run means, before anybody looks at its output.
///
/// - **Time is processor time**, of all processes of the run. Wall time is a backstop for programs
///   that wait. One that ended by itself is too late all the same if it took more than it was
///   allowed.
/// - **Memory:** a program that the kernel ended for its memory exceeded the limit; that is proven.
///   A runtime with a heap of its own may notice first, and ends the program in its way. That is
///   the memory limit too if it ended in just that way and the kernel had counted all that the
///   problem gives. Any other failure, such as `std::bad_alloc` after one request for far too much,
///   is a run-time error: only the program says why it failed, and its words are quoted. They
///   decide nothing, since any program can write them.
/// - **Files** are kept in memory, so filling them up is the memory limit.
/// - **Exit codes are exit codes:** 139 is no signal, whatever a shell would make of it.
public final class Endings {
    private Endings() {}

    /// {@return what an end means; [Verdict#AC] if the output decides}
    ///
    /// @param ending how the run ended
    /// @param allowed what it was allowed
    /// @throws HostFaultException if neither the program nor a limit ended it
    public static Finding judge(Ending ending, Allowance allowed) {
        return switch (ending.outcome()) {
            case Outcome.LimitReached(Limit limit) -> limit(limit, ending, allowed);
            case Outcome.PolicyViolated(String call) ->
                    new Finding(Verdict.SV, "forbidden system call: " + call);
            case Outcome.Cancelled _ -> throw new HostFaultException("the run was cancelled");
            case Outcome.Exited _, Outcome.Signalled _
                    when ending.cpuTime().compareTo(allowed.cpuTime()) > 0 ->
                    limit(Limit.CPU_TIME, ending, allowed);
            case Outcome.Exited(int code) when code == 0 -> Finding.ACCEPTED;
            case Outcome.Exited(int code) -> failed("exit code " + code, ending, allowed);
            case Outcome.Signalled(Signal signal) -> failed("died of " + signal, ending, allowed);
        };
    }

    private static Finding failed(String how, Ending ending, Allowance allowed) {
        String words = ending.words().isEmpty() ? "" : "it said: " + ending.words();
        return ending.memory().compareTo(allowed.ofProblem()) >= 0
                        && allowed.outOfMemory().equals(Optional.of(ending.outcome()))
                ? new Finding(
                        Verdict.MLE,
                        "%s with %s of %s in use"
                                .formatted(how, ending.memory(), allowed.ofProblem()),
                        words)
                : new Finding(Verdict.RE, how, words);
    }

    private static Finding limit(Limit limit, Ending ending, Allowance allowed) {
        Finding finding =
                switch (limit) {
                    case CPU_TIME ->
                            new Finding(
                                    Verdict.TLE,
                                    "took more than %s of processor time"
                                            .formatted(seconds(allowed.cpuTime())));
                    case WALL_TIME ->
                            new Finding(
                                    Verdict.TLE,
                                    "was not done after %s, of which it computed %s"
                                            .formatted(
                                                    seconds(allowed.wallTime()),
                                                    seconds(ending.cpuTime())));
                    case IDLE ->
                            new Finding(
                                    Verdict.TLE,
                                    "waited without end: neither computed nor wrote anything");
                    case MEMORY ->
                            new Finding(
                                    Verdict.MLE,
                                    "used more than %s of memory".formatted(allowed.memory()));
                    case DISK ->
                            new Finding(
                                    Verdict.MLE,
                                    "wrote more than %s to files, which are kept in memory"
                                            .formatted(allowed.files()));
                    case OUTPUT ->
                            new Finding(
                                    Verdict.OLE,
                                    "wrote more than %s to one of its outputs"
                                            .formatted(allowed.output()));
                    case PIDS ->
                            new Finding(
                                    Verdict.RE,
                                    "had more than %d processes and threads"
                                            .formatted(allowed.processes()));
                };
        return ending.evidence().isEmpty()
                ? finding
                : new Finding(finding.verdict(), finding.cause() + " (" + ending.evidence() + ")");
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
    }
}
