package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads the file of the host that it is told.
@Extension
public class Peek implements TextFilter {
    @Override
    public String apply(String text) {
        try {
            return Files.readString(Path.of(text));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
