package io.cloister.sandbox.linux.cgroup;

import java.time.Duration;

/// Waiting for the kernel in short pauses, up to a limit. An interrupt does not cut it short, since
/// what is being cleaned up must be cleaned up; the thread has it back at the end.
final class Patience implements AutoCloseable {

    private static final long FIRST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 20_000_000;

    private final long deadline;
    private long pause = FIRST_PAUSE_NANOS;
    private boolean interrupted;

    Patience(Duration limit) {
        deadline = System.nanoTime() + limit.toNanos();
    }

    /// Pauses; longer each time.
    ///
    /// @return false when the limit is reached, without a pause
    boolean pause() {
        if (System.nanoTime() - deadline >= 0) {
            return false;
        }
        try {
            Thread.sleep(Duration.ofNanos(pause));
        } catch (InterruptedException e) {
            interrupted = true;
        }
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        return true;
    }

    @Override
    public void close() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
