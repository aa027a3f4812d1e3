package io.cloister.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Cuts a stream into lines of UTF-8, and lines that are too long into parts.
final class OutputLines implements OutputPublisher.Splitter<String> {
    private static final int BUFFER = 8 * 1024;

    /// The longest sequence of bytes of one character.
    private static final int SEQUENCE = 4;

    private final int longest;
    private final byte[] buffer = new byte[BUFFER];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int at;
    private int end;

    /// @param longest how many bytes a line may have
    /// @throws IllegalArgumentException if that is less than a character may have, or no array
    OutputLines(Bytes longest) {
        if (longest.value() < SEQUENCE || longest.value() > Integer.MAX_VALUE - SEQUENCE) {
            throw new IllegalArgumentException(
                    "longest must be %d B to %d B, was %s"
                            .formatted(SEQUENCE, Integer.MAX_VALUE - SEQUENCE, longest));
        }
        this.longest = (int) longest.value();
    }

    @Override
    public Optional<String> next(InputStream stream) throws IOException {
        while (at < end || fill(stream)) {
            byte next = buffer[at];
            if (next == '\n') {
                at++;
                return Optional.of(take(true));
            }
            if (line.size() >= longest - SEQUENCE + 1 && isFull(next)) {
                return Optional.of(next == '\r' ? takeBeforeReturn(stream) : take(false));
            }
            line.write(next);
            at++;
        }
        return line.size() == 0 ? Optional.empty() : Optional.of(take(false));
    }

    /// A line of the longest length has a carriage return behind it. With a newline behind that, it
    /// belongs to the end of the line, and is no part of its own.
    private String takeBeforeReturn(InputStream stream) throws IOException {
        at++;
        String part = take(false);
        if ((at < end || fill(stream)) && buffer[at] == '\n') {
            at++;
        } else {
            line.write('\r');
        }
        return part;
    }

    /// Whether a part ends here: it is as long as it may be, or the next character does not fit.
    private boolean isFull(byte next) {
        boolean continues = (next & 0xc0) == 0x80;
        int length =
                continues || next >= 0
                        ? 1
                        : Math.min(SEQUENCE, Integer.numberOfLeadingZeros(~next << 24));
        return line.size() + length > longest;
    }

    private boolean fill(InputStream stream) throws IOException {
        at = 0;
        end = Math.max(0, stream.read(buffer));
        return end > 0;
    }

    /// @param ended whether a newline stood at its end, so that a carriage return belongs to that
    private String take(boolean ended) {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        return ended && text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
