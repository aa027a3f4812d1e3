package io.cloister.samples.plugins.host;

import java.time.Duration;

/// How long a plugin may take before it counts as hung.
///
/// @param start from its start until it can be called
/// @param confirm until it confirms that a call has ended which nobody waits for any more
/// @param ping until it answers a ping
/// @param pause between two pings
public record Patience(Duration start, Duration confirm, Duration ping, Duration pause) {
    /// {@return that of an application that runs for long}
    public static Patience standard() {
        return new Patience(
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
    }
}
