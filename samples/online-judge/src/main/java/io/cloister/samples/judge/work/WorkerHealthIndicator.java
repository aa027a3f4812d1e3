package io.cloister.samples.judge.work;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/// Whether this JVM can judge: not if it has failed at several submissions in a row, as with a full
/// disk. Such a worker fails fast, and would else take more jobs than all that are well.
@Component
@Profile("!server")
final class WorkerHealthIndicator implements HealthIndicator {
    private static final int FAILURES = 3;

    private int failures;

    synchronized void worked() {
        failures = 0;
    }

    /// {@return whether this worker had better rest}
    synchronized boolean failed() {
        failures++;
        return failures >= FAILURES;
    }

    @Override
    public synchronized Health health() {
        return (failures < FAILURES ? Health.up() : Health.down())
                .withDetail("failuresInARow", failures)
                .build();
    }
}
