package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

/// Writes without end.
@Extension
public class Flood implements TextFilter {
    @Override
    public String apply(String text) {
        while (true) {
            System.out.println("\u001b[2J\u001b[31mall your terminals are belong to us");
        }
    }
}
