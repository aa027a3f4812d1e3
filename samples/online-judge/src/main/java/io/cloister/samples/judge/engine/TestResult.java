package io.cloister.samples.judge.engine;

import java.time.Duration;

/// What came of one test.
///
/// @param number which test, from 1
/// @param name its name in the problem package, such as `secret/03-large`
/// @param verdict the verdict
/// @param cpuTime the processor time of all its processes
/// @param wallTime the time from its start to its end
/// @param memoryBytes the most memory that it used at one time
/// @param cause why, in words for the person who sent it; empty for [Verdict#AC]
public record TestResult(
        int number,
        String name,
        Verdict verdict,
        Duration cpuTime,
        Duration wallTime,
        long memoryBytes,
        String cause) {}
