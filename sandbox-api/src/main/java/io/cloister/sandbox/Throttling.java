package io.cloister.sandbox;

import java.time.Duration;
import java.util.Objects;

/// How a limit on processors slowed a run down. Source: `cpu.stat` of cgroups(7).
///
/// @param periods the periods in which the run wanted a processor
/// @param throttledPeriods those in which it used up its share and had to wait
/// @param throttledTime how long it had to wait, summed over processors
public record Throttling(long periods, long throttledPeriods, Duration throttledTime) {
    /// Refuses null.
    public Throttling {
        Objects.requireNonNull(throttledTime, "throttledTime");
    }
}
