package io.cloister.sandbox.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What is kept as text in a file, in UTF-8.
public final class TextFile {

    private TextFile() {}

    /// Reads one.
    ///
    /// @param file the file
    /// @param what what it is, for the message
    /// @return its text
    /// @throws UncheckedIOException if the file cannot be read
    public static String read(Path file, String what) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the %s %s".formatted(what, file), e);
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
