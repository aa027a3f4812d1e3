package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Waits for a lock that another thread holds for ever.
@Extension
public class Deadlock implements TextFilter {
    @Override
    public String apply(String text) {
        Object lock = new Object();
        Thread holder =
                Thread.startVirtualThread(() -> {
                    synchronized (lock) {
                        sleepForEver();
                    }
                });
        while (holder.getState() == Thread.State.RUNNABLE
                || holder.getState() == Thread.State.NEW) {
            Thread.onSpinWait();
        }
        synchronized (lock) {
            return text;
        }
    }

    private static void sleepForEver() {
        while (true) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // Not heeded.
            }
        }
    }
}
