package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Starts one thread after the other.
@Extension
public class ThreadBomb implements TextFilter {
    @Override
    public String apply(String text) {
        while (true) {
            Thread.ofPlatform().start(ThreadBomb::sleepForEver);
        }
    }

    private static void sleepForEver() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
