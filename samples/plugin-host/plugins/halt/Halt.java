package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Ends its virtual machine in the middle of a call.
@Extension
public class Halt implements TextFilter {
    @Override
    public String apply(String text) {
        Runtime.getRuntime().halt(7);
        return text;
    }
}
