package io.cloister.samples.plugins.cli;

import io.cloister.samples.plugins.api.TextFilter;
import io.cloister.samples.plugins.host.Plugin;

import java.util.concurrent.atomic.AtomicLong;

/// A good plugin that is called all the time, to see whether it notices what others do.
final class Neighbour implements AutoCloseable {
    private static final long PAUSE_MILLIS = 2;

    private final Plugin plugin;
    private final TextFilter filter;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Thread caller;

    Neighbour(Plugin plugin, Class<TextFilter> point) {
        this.plugin = plugin;
        this.filter = plugin.extension(point);
        filter.apply("warm");
        this.caller = Thread.ofVirtual().start(this::run);
    }

    private void run() {
        try {
            while (true) {
                long begin = System.nanoTime();
                call();
                slowestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    private void call() {
        try {
            boolean right = filter.apply("hello").equals("HELLO");
            calls.incrementAndGet();
            failures.addAndGet(right ? 0 : 1);
        } catch (RuntimeException e) {
            if (!caller.isInterrupted()) {
                failures.incrementAndGet();
            }
        }
    }

    String id() {
        return plugin.id();
    }

    long calls() {
        return calls.get();
    }

    long failures() {
        return failures.get();
    }

    String summary() {
        return "%s was called %d times meanwhile; %d calls failed, the slowest took %d ms"
                .formatted(id(), calls(), failures(), slowestNanos.get() / 1_000_000);
    }

    @Override
    public void close() {
        caller.interrupt();
    }
}
