package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Never returns, and heeds no interrupt.
@Extension
public class Spin implements TextFilter {
    private static volatile long turns;

    @Override
    public String apply(String text) {
        while (true) {
            turns++;
        }
    }
}
