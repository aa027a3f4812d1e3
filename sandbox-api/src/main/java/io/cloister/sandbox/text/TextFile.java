package io.cloister.sandbox.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/// What is kept as text in a file, in UTF-8.
public final class TextFile {

    private TextFile() {}

    /// Reads one.
    ///
    /// @param <T> what it is
    /// @param file the file
    /// @param what what it is, for the message
    /// @param parser makes it of the text
    /// @return it
    /// @throws UncheckedIOException if the file cannot be read
    /// @throws IllegalArgumentException if the parser refuses it; the message begins with the path
    public static <T> T read(Path file, String what, Function<String, T> parser) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the %s %s".formatted(what, file), e);
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /// Writes one, creating or overwriting the file.
    ///
    /// @param file the file
    /// @param what what it is, for the message
    /// @param text the text
    /// @throws UncheckedIOException if it cannot be written
    public static void write(Path file, String what, String text) {
        try {
            Files.writeString(file, text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the %s %s".formatted(what, file), e);
        }
    }
}
