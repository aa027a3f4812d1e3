package io.cloister.sandbox.events;

import io.cloister.sandbox.Bytes;

import java.time.Duration;
import java.util.Optional;

/// Values of fields that may be unknown.
final class Unknown {

    /// What the tools of the recorder show as "N/A".
    static final long NUMBER = Long.MIN_VALUE;

    private Unknown() {}

    static long nanos(Optional<Duration> time) {
        return time.map(Duration::toNanos).orElse(NUMBER);
    }

    static long bytes(Optional<Bytes> bytes) {
        return bytes.map(Bytes::value).orElse(NUMBER);
    }
}
