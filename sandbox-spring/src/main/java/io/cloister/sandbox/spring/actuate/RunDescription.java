package io.cloister.sandbox.spring.actuate;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.spring.state.RunLedger.Running;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/// A command that runs, as the endpoint tells of it. What is not known is null.
///
/// @param profile the profile of its sandbox
/// @param program the program
/// @param since when its launch was asked for
/// @param pid its process id on the host
/// @param wallTime how long it has run
/// @param cpuTime processor time of all its processes
/// @param memoryBytes the memory of all its processes
/// @param processes processes and threads
public record RunDescription(
        String profile,
        String program,
        Instant since,
        @Nullable Long pid,
        @Nullable Duration wallTime,
        @Nullable Duration cpuTime,
        @Nullable Long memoryBytes,
        @Nullable Long processes) {

    static RunDescription of(Running run) {
        return new RunDescription(
                run.profile(),
                run.program(),
                run.since(),
                run.pid().orElse(null),
                run.usage().map(ResourceUsage::wallTime).orElse(null),
                run.usage().flatMap(ResourceUsage::cpuTime).orElse(null),
                run.usage()
                        .map(ResourceUsage::memory)
                        .flatMap(MemoryUsage::current)
                        .map(Bytes::value)
                        .orElse(null),
                run.usage().flatMap(ResourceUsage::processes).orElse(null));
    }
}
