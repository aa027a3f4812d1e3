package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Answers with more than a message can hold.
@Extension
public class Windbag implements TextFilter {
    @Override
    public String apply(String text) {
        return "x".repeat(5_000_000);
    }
}
