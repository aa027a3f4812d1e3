package io.cloister.sandbox;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// When sandboxes end with the JVM.
///
/// As the JVM ends (SIGTERM, [System#exit(int)]), all sandboxes end: their commands are cancelled
/// and killed, at once. A program that wants to end them in good order in a shutdown hook of its
/// own, since hooks run side by side, puts that off:
///
/// ```java
/// JvmExit.Delay delay = JvmExit.delay(Duration.ofSeconds(20));
/// Runtime.getRuntime().addShutdownHook(new Thread(() -> {
///     finishWhatRuns();
///     delay.close();
/// }));
/// ```
///
/// Whatever is put off: when the JVM is gone, so are its sandboxes, also if it is killed. All
/// methods are thread-safe.
public final class JvmExit {
    private static final Set<Delay> DELAYS = new HashSet<>();
    private static boolean begun;

    private JvmExit() {}

    /// Puts the end of sandboxes off, until it is closed.
    ///
    /// @param atMost for how long, from when the JVM begins to end; a JVM that ends without closing
    ///   it takes this long
    /// @return what ends the delay
    /// @throws IllegalArgumentException if the time is negative
    /// @throws IllegalStateException if the JVM has ended the sandboxes already
    public static Delay delay(Duration atMost) {
        if (atMost.isNegative()) {
            throw new IllegalArgumentException("atMost must not be negative, was " + atMost);
        }
        Delay delay = new Delay(atMost);
        synchronized (DELAYS) {
            if (begun) {
                throw new IllegalStateException("the JVM has ended its sandboxes already");
            }
            DELAYS.add(delay);
        }
        return delay;
    }

    /// For a provider, as the first thing of its shutdown hook: returns when all delays are closed
    /// or over.
    public static void begin() {
        long start = System.nanoTime();
        boolean interrupted = false;
        // Until now nothing has ended, so an interrupt is no reason to end all of it.
        synchronized (DELAYS) {
            while (true) {
                long passed = System.nanoTime() - start;
                long left = DELAYS.stream().mapToLong(Delay::nanos).max().orElse(0) - passed;
                if (left <= 0) {
                    begun = true;
                    break;
                }
                try {
                    DELAYS.wait(left / 1_000_000, (int) (left % 1_000_000));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// {@return whether the JVM has begun to end its sandboxes, so that no other one can be made}
    public static boolean hasBegun() {
        synchronized (DELAYS) {
            return begun;
        }
    }

    /// That the end of sandboxes is put off, until this is closed.
    public static final class Delay implements AutoCloseable {
        private final Duration atMost;

        private Delay(Duration atMost) {
            this.atMost = atMost;
        }

        private long nanos() {
            try {
                return atMost.toNanos();
            } catch (ArithmeticException e) {
                // Longer than any JVM lives.
                return Long.MAX_VALUE;
            }
        }

        /// Lets sandboxes end with the JVM, as far as this delay is concerned. Closing again does
        /// nothing.
        @Override
        public void close() {
            synchronized (DELAYS) {
                DELAYS.remove(this);
                DELAYS.notifyAll();
            }
        }
    }
}
