package io.cloister.samples.judge.run;

import io.cloister.samples.judge.verdict.Finding;

import java.time.Duration;

/// What came of a program on a test.
///
/// @param finding the verdict and its reason
/// @param cpuTime its processor time
/// @param wallTime the time from its start to its end
/// @param memoryBytes the most memory that it used
public record TestRun(Finding finding, Duration cpuTime, Duration wallTime, long memoryBytes) {}
