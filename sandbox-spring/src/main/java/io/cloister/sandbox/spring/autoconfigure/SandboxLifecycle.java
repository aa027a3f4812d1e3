package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.state.RunLedger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Ends the sandboxes with the application: takes no more runs, sessions and leases, waits for
/// those that there are, and kills what is left after a time-out.
///
/// It asks the sandboxes themselves, which know of all of that, whoever has made them. The ledger
/// knows more of some commands, and is no more than the text of a warning.
///
/// It stops after web servers and executors, whose requests and tasks use sandboxes. It does not
/// start again, so a context that only pauses leaves it alone.
final class SandboxLifecycle implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxLifecycle.class);

    /// Web servers stop at 1024 and 2048 below the default, and higher phases stop first.
    private static final int PHASE = DEFAULT_PHASE - 4096;

    private static final Duration FOR_COUNTING = Duration.ofSeconds(1);

    private final SandboxRegistry registry;
    private final RunLedger ledger;
    private final Duration timeout;
    private volatile boolean running;

    SandboxLifecycle(SandboxRegistry registry, RunLedger ledger, Duration timeout) {
        this.registry = registry;
        this.ledger = ledger;
        this.timeout = timeout;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        drain();
    }

    @Override
    public void stop(Runnable callback) {
        Thread.startVirtualThread(() -> {
            try {
                drain();
            } finally {
                callback.run();
            }
        });
    }

    private void drain() {
        try {
            long deadline = System.nanoTime() + timeout.toNanos();
            var leases = registry.shutdown();
            List<String> busy = new ArrayList<>();
            for (var profile : registry.sandboxes().entrySet()) {
                if (!profile.getValue().awaitIdle(left(deadline))) {
                    busy.add(profile.getKey());
                }
            }
            if (!busy.isEmpty()) {
                LOG.warn(
                        "after {} of waiting, what still runs or is open in sandboxes of {} is"
                                + " killed; commands among it: {}",
                        timeout,
                        busy,
                        ledger.running());
                return;
            }
            leases.get(left(deadline).toNanos(), TimeUnit.NANOSECONDS);
            // Those who count the runs are told aside, and may be closed next.
            Duration left = left(deadline);
            ledger.awaitIdle(left.compareTo(FOR_COUNTING) < 0 ? left : FOR_COUNTING);
        } catch (TimeoutException e) {
            LOG.warn("after {} of waiting, pools are closed that have leases out", timeout);
        } catch (ExecutionException e) {
            LOG.warn("a pool could not be closed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            registry.close();
            running = false;
        }
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
