package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A file with given contents.
///
/// In the sandbox's own root it cannot be changed: writing fails with `EROFS`. In a [Tmpfs] it can.
///
/// @param destination where it is put
/// @param content its contents; copied in and out
/// @param mode its permissions, 0 to 0777
public record FileContent(String destination, byte[] content, int mode) implements Mount {
    /// The permissions unless they are said: 0644.
    public static final int DEFAULT_MODE = 0644;

    /// Checks the values, and copies the contents.
    ///
    /// @throws IllegalArgumentException if the destination or the mode is refused
    public FileContent {
        Mount.checkDestination(destination);
        content = content.clone();
        Numbers.mode(mode, 0777);
    }

    /// With [#DEFAULT_MODE].
    ///
    /// @param destination where it is put
    /// @param content its contents; they are copied
    public FileContent(String destination, byte[] content) {
        this(destination, content, DEFAULT_MODE);
    }

    /// {@return a text file in UTF-8, with [#DEFAULT_MODE]}
    ///
    /// @param destination where it is put
    /// @param text its contents
    public static FileContent text(String destination, String text) {
        return new FileContent(destination, text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return a copy of its contents}
    @Override
    public byte[] content() {
        return content.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileContent that
                && destination.equals(that.destination)
                && mode == that.mode
                && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * destination.hashCode() + mode) + Arrays.hashCode(content);
    }

    /// The destination, the size and the mode, never the contents.
    @Override
    public String toString() {
        return "FileContent[destination=%s, content=%s, mode=0%o]"
                .formatted(destination, Bytes.of(content.length), mode);
    }
}
