package io.cloister.samples.judge.verdict;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Outcome;

import java.time.Duration;
import java.util.Optional;

/// What a run was allowed.
///
/// @param cpuTime processor time
/// @param wallTime time from its start, the backstop of a program that waits
/// @param memory memory, its runtime included
/// @param ofProblem the part of it that the problem gives
/// @param output bytes on each of its two outputs
/// @param files bytes in files
/// @param processes processes and threads at one time
/// @param outOfMemory how its runtime ends it when its heap is full
public record Allowance(
        Duration cpuTime,
        Duration wallTime,
        Bytes memory,
        Bytes ofProblem,
        Bytes output,
        Bytes files,
        int processes,
        Optional<Outcome> outOfMemory) {}
