package io.cloister.sandbox.linux.plan;

import java.time.Duration;

/// Calculates with durations that may be as good as endless.
public final class Deadlines {

    /// Longer ones are as good as this.
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Deadlines() {}

    /// Both together; never an overflow.
    public static Duration sum(Duration a, Duration b) {
        return capped(a).plus(capped(b));
    }

    private static Duration capped(Duration duration) {
        return duration.compareTo(LONGEST) < 0 ? duration : LONGEST;
    }
}
