package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.JvmExit;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationListener;

import java.time.Duration;

/// Keeps sandboxes from ending with the JVM before the application has ended them: a SIGTERM starts
/// all shutdown hooks at once, and the one that closes the context waits for requests first, which
/// use sandboxes.
///
/// Only an application that has been started is closed by such a hook, so a context of a test
/// delays nothing.
final class ExitDelay implements ApplicationListener<ApplicationStartedEvent>, AutoCloseable {
    private final Duration atMost;
    private JvmExit.@Nullable Delay delay;
    private boolean closed;

    /// @param atMost what the context may take to close
    ExitDelay(Duration atMost) {
        this.atMost = atMost;
    }

    @Override
    public synchronized void onApplicationEvent(ApplicationStartedEvent event) {
        boolean closedByHook =
                event.getApplicationContext()
                        .getEnvironment()
                        .getProperty("spring.main.register-shutdown-hook", Boolean.class, true);
        if (closedByHook && delay == null && !closed && !JvmExit.hasBegun()) {
            delay = JvmExit.delay(atMost);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (delay != null) {
            delay.close();
        }
    }
}
