package io.cloister.sandbox;

import java.util.Objects;

/// One observation from which an outcome was derived.
///
/// @param source where it was made: a file of the kernel such as `memory.events`, `wait status`, or
///   `cloister` for what the sandbox itself did
/// @param observed what was seen there, for example `oom_kill 1` or `signal 9 (KILL)`
public record Evidence(String source, String observed) {
    /// Refuses null.
    public Evidence {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(observed, "observed");
    }

    /// For example `memory.events: oom_kill 1`.
    @Override
    public String toString() {
        return source + ": " + observed;
    }
}
