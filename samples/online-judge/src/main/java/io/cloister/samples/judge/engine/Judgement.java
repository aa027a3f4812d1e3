package io.cloister.samples.judge.engine;

import java.time.Duration;
import java.util.List;

/// What came of a submission.
///
/// @param verdict that of the first test that failed, or of the compiler, or [Verdict#AC]
/// @param cause why, in words for the person who sent it; empty for [Verdict#AC]
/// @param cpuTime the most processor time that a test took
/// @param memoryBytes the most memory that a test used
/// @param compilerOutput what the compiler wrote, cut where it is long; control characters made
///   visible
/// @param tests the tests that were run, in their order
public record Judgement(
        Verdict verdict,
        String cause,
        Duration cpuTime,
        long memoryBytes,
        String compilerOutput,
        List<TestResult> tests) {
    /// Copies the list.
    public Judgement {
        tests = List.copyOf(tests);
    }
}
