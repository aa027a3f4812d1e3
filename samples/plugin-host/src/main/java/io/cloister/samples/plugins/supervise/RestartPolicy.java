package io.cloister.samples.plugins.supervise;

import java.time.Duration;

/// How often a plugin is restarted, and after what time.
///
/// @param first the time before the first restart; it doubles with each failure after another
/// @param longest the longest time before a restart
/// @param healthy who ran that long begins anew
/// @param attempts after how many failures, one after the other, a plugin is given up
public record RestartPolicy(Duration first, Duration longest, Duration healthy, int attempts) {
    /// {@return that of an application that runs for long}
    public static RestartPolicy standard() {
        return new RestartPolicy(
                Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(1), 5);
    }

    Duration delay(int failures) {
        // More doublings than that exceed every longest time.
        Duration delay = first.multipliedBy(1L << Math.min(failures - 1, 30));
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
