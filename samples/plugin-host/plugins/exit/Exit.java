package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Ends its virtual machine as if all were well.
@Extension
public class Exit implements TextFilter {
    @Override
    public String apply(String text) {
        System.exit(0);
        return text;
    }
}
