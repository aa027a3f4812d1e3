package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.util.ArrayList;
import java.util.List;

/// Keeps all it ever made.
@Extension
public class HeapLeak implements TextFilter {
    private static final List<byte[]> KEPT = new ArrayList<>();

    @Override
    public String apply(String text) {
        while (true) {
            KEPT.add(new byte[1 << 20]);
        }
    }
}
