package io.cloister.sandbox;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/// What a run used. Times and counts cover the command and those of its descendants that had been
/// waited for. Source: getrusage(2), cgroups(7).
///
/// @param wallTime from the start of the command to the end of its last process
/// @param userTime processor time spent in programs
/// @param systemTime processor time spent in the kernel on their behalf
/// @param peakMemory the most memory in use at one time; empty where the host cannot tell
/// @param minorFaults page faults that needed no input or output
/// @param majorFaults page faults that needed input or output
/// @param voluntarySwitches how often a process gave up the processor to wait
/// @param involuntarySwitches how often the processor was taken from one
public record ResourceUsage(
        Duration wallTime,
        Duration userTime,
        Duration systemTime,
        Optional<Bytes> peakMemory,
        long minorFaults,
        long majorFaults,
        long voluntarySwitches,
        long involuntarySwitches) {

    /// Refuses null.
    public ResourceUsage {
        Objects.requireNonNull(wallTime, "wallTime");
        Objects.requireNonNull(userTime, "userTime");
        Objects.requireNonNull(systemTime, "systemTime");
        Objects.requireNonNull(peakMemory, "peakMemory");
    }

    /// {@return processor time in all: [#userTime()] and [#systemTime()] together}
    public Duration cpuTime() {
        return userTime.plus(systemTime);
    }
}
