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

    /// The numbers, and the time for people.
    @Override
    public String toString() {
        return "Throttling[throttled in %d of %d periods, for %s]"
                .formatted(throttledPeriods, periods, Units.showDuration(throttledTime));
    }
}
