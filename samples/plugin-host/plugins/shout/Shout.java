package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.util.Locale;

/// The smallest plugin.
@Extension
public class Shout implements TextFilter {
    @Override
    public String apply(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
