package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Uses its directory, which outlives it.
@Extension
public class Diary implements TextFilter {
    private static final Path FILE = Path.of("/data/diary.txt");

    @Override
    public String apply(String text) {
        try {
            Files.writeString(
                    FILE, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
