package io.cloister.sandbox;

import java.time.Duration;

/// Adds up how long something took. Not thread-safe.
final class PoolClock {
    private long count;
    private long total;
    private long longest;

    /// Adds the time since `start`, a value of [System#nanoTime()].
    void addSince(long start) {
        long nanos = Math.max(0, System.nanoTime() - start);
        count++;
        total += nanos;
        longest = Math.max(longest, nanos);
    }

    SandboxPool.Times times() {
        return new SandboxPool.Times(count, Duration.ofNanos(total), Duration.ofNanos(longest));
    }
}
