package io.cloister.sandbox.spring.state;

import io.cloister.sandbox.HostReport;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Supplier;

/// What this host can do, looked at anew at most once in an interval: to look starts processes.
/// Thread-safe.
public final class HostProbe {
    private final Supplier<HostReport> look;
    private final Duration interval;
    private @Nullable HostReport report;
    private long lookedAt;

    /// Makes a probe that has not looked yet.
    ///
    /// @param look looks at the host
    /// @param interval how long it goes on telling what it saw
    public HostProbe(Supplier<HostReport> look, Duration interval) {
        this.look = look;
        this.interval = interval;
    }

    /// {@return what this host can do}
    public synchronized HostReport report() {
        HostReport known = report;
        if (known != null && System.nanoTime() - lookedAt < interval.toNanos()) {
            return known;
        }
        HostReport fresh = look.get();
        report = fresh;
        lookedAt = System.nanoTime();
        return fresh;
    }
}
