package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.POLLIN;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Waits for what mostly comes in less than a millisecond, without the loop: in the kernel at
/// first, which tells at once, and then by looking now and then. A virtual thread that waited in
/// the kernel for longer would keep its carrier from all others.
final class BriefWait {

    private static final Duration IN_THE_KERNEL = Duration.ofMillis(4);
    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 8_000_000;

    private BriefWait() {}

    /// Waits until there is something to read, an end or an error included. An interrupt does not
    /// end it: the status is as before when it returns.
    ///
    /// @return whether there is, before `patience` was over
    static boolean forInput(int fd, Duration patience) {
        long start = System.nanoTime();
        Duration first = patience.compareTo(IN_THE_KERNEL) < 0 ? patience : IN_THE_KERNEL;
        boolean ready = isReady(fd, first);
        long pause = FIRST_PAUSE_NANOS;
        boolean interrupted = false;
        while (!ready) {
            long left = patience.toNanos() - (System.nanoTime() - start);
            if (left <= 0) {
                break;
            }
            // Who is interrupted does not park.
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(Math.min(pause, left));
            pause = Math.min(pause + pause / 2, LONGEST_PAUSE_NANOS);
            ready = isReady(fd, Duration.ZERO);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ready;
    }

    /// After an error too: whoever reads next hears of it. A signal is none.
    private static boolean isReady(int fd, Duration time) {
        int count = Kernel.poll(fd, POLLIN, time);
        return count != 0 && !Errno.EINTR.is(count);
    }
}
