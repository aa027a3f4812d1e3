package io.cloister.sandbox;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Counts what a sandbox has begun and not ended: runs, sessions, leases. Thread-safe.
///
/// Something is begun before it is looked whether the sandbox is open: so who shuts the sandbox and
/// asks then hears of everything that is not refused.
final class Underway {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private long count;

    /// Counts something, until it is ended.
    Work begin() {
        lock.lock();
        try {
            count++;
        } finally {
            lock.unlock();
        }
        return new Work();
    }

    /// Waits until there is nothing.
    ///
    /// @param timeout how long
    /// @return whether there is nothing
    /// @throws InterruptedException if the thread is interrupted
    boolean awaitNone(Duration timeout) throws InterruptedException {
        long left = TimeUnit.NANOSECONDS.convert(timeout);
        lock.lockInterruptibly();
        try {
            while (count > 0) {
                if (left <= 0) {
                    return false;
                }
                left = none.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// One run, session or lease.
    final class Work {
        private final AtomicBoolean over = new AtomicBoolean();

        private Work() {}

        /// It has ended. To say so again does nothing.
        void end() {
            if (over.compareAndSet(false, true)) {
                lock.lock();
                try {
                    count--;
                    if (count == 0) {
                        none.signalAll();
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        /// Ends it with a process.
        ///
        /// @return the process
        SandboxProcess endWith(SandboxProcess process) {
            process.onResult().whenComplete((_, _) -> end());
            return process;
        }
    }
}
