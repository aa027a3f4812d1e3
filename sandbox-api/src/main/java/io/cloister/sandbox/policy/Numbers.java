package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Units;

import java.time.Duration;
import java.util.Objects;

/// Checks of numbers, sizes, durations and modes; the message names bound and value.
final class Numbers {
    private Numbers() {}

    static long positive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " must be > 0, was " + value);
        }
        return value;
    }

    /// Permission bits up to `max`.
    static int mode(int mode, int max) {
        if (mode < 0 || mode > max) {
            throw new IllegalArgumentException(
                    "mode must be 0 to 0%o, was %s"
                            .formatted(max, mode < 0 ? mode : "0" + Integer.toOctalString(mode)));
        }
        return mode;
    }

    static Bytes positive(String what, Bytes value) {
        Objects.requireNonNull(value, what);
        if (value.value() == 0) {
            throw new IllegalArgumentException(what + " must be > 0, was " + value);
        }
        return value;
    }

    static Duration positive(String what, Duration value) {
        Objects.requireNonNull(value, what);
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    what + " must be > 0, was " + Units.formatDuration(value));
        }
        return value;
    }
}
