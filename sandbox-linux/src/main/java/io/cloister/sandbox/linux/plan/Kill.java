package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Units;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/// The JVM's record that it killed a run.
///
/// @param reason why
/// @param observed what it saw
public record Kill(Outcome reason, String observed) {

    private static final Duration EXACT_BELOW = Duration.ofMillis(10);

    /// `duration` for people: exact to the millisecond, and to the microsecond where it is short.
    public static String show(Duration duration) {
        ChronoUnit unit =
                duration.compareTo(EXACT_BELOW) < 0 ? ChronoUnit.MICROS : ChronoUnit.MILLIS;
        return Units.formatDuration(duration.truncatedTo(unit));
    }
}
