package io.cloister.samples.judge.store;

import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.TestResult;
import io.cloister.samples.judge.engine.Verdict;

import java.util.Locale;

/// Something that happened to a submission, as clients read it.
public sealed interface Event {

    /// A verdict was asked for.
    ///
    /// @param round how often now
    record Queued(int round) implements Event {}

    /// A worker has taken the submission.
    ///
    /// @param attempt which attempt at this submission it is; what earlier ones said of tests no
    ///   longer counts
    /// @param worker the worker's name
    record Started(int attempt, String worker) implements Event {}

    /// The compiler starts.
    record Compiling() implements Event {}

    /// The compiler has ended.
    ///
    /// @param cached whether the same source had been compiled before
    record Compiled(boolean cached) implements Event {}

    /// A test is over.
    ///
    /// @param number which test, from 1
    /// @param of how many tests the problem has
    /// @param name its name
    /// @param verdict the verdict
    /// @param cpuMillis its processor time in milliseconds
    /// @param wallMillis the time from its start to its end in milliseconds
    /// @param memoryBytes the most memory that it used
    /// @param cause why, in words; empty for [Verdict#AC]
    record Tested(
            int number,
            int of,
            String name,
            Verdict verdict,
            long cpuMillis,
            long wallMillis,
            long memoryBytes,
            String cause)
            implements Event {

        static Tested of(TestResult result, int tests) {
            return new Tested(
                    result.number(),
                    tests,
                    result.name(),
                    result.verdict(),
                    result.cpuTime().toMillis(),
                    result.wallTime().toMillis(),
                    result.memoryBytes(),
                    result.cause());
        }
    }

    /// An attempt came to nothing, and another one follows.
    ///
    /// @param cause why it came to nothing
    record Retried(String cause) implements Event {}

    /// The verdict: the last event of its round.
    ///
    /// @param verdict the verdict
    /// @param cause why, in words; empty for [Verdict#AC]
    /// @param cpuMillis the most processor time that a test took, in milliseconds
    /// @param memoryBytes the most memory that a test used
    /// @param compilerOutput what the compiler wrote
    /// @param tests how many tests were run
    /// @param worker who judged it
    record Judged(
            Verdict verdict,
            String cause,
            long cpuMillis,
            long memoryBytes,
            String compilerOutput,
            int tests,
            String worker)
            implements Event {

        static Judged of(Judgement judgement, String worker) {
            return new Judged(
                    judgement.verdict(),
                    judgement.cause(),
                    judgement.cpuTime().toMillis(),
                    judgement.memoryBytes(),
                    judgement.compilerOutput(),
                    judgement.tests().size(),
                    worker);
        }
    }

    /// {@return the name of a kind of event, as in `tested`}
    ///
    /// @param kind the kind
    static String name(Class<? extends Event> kind) {
        return kind.getSimpleName().toLowerCase(Locale.ROOT);
    }
}
