package io.cloister.samples.judge.text;

import java.nio.charset.StandardCharsets;

/// Text of strangers, fit for a terminal, a log or a page: bounded, and whatever could move a
/// cursor, colour something or turn the direction of writing is written out.
public final class Shown {
    private static final int LAST_OF_PLANE_0 = 0xffff;

    private Shown() {}

    /// {@return the text on one line}
    ///
    /// @param text hostile text
    /// @param most how many of its characters are shown
    public static String line(String text, int most) {
        StringBuilder line = new StringBuilder();
        text.codePoints().limit(most).forEach(c -> append(line, c));
        return text.codePointCount(0, text.length()) > most ? line + " ..." : line.toString();
    }

    /// {@return the text with its line ends}
    ///
    /// @param bytes hostile text, UTF-8 if it is any
    /// @param most how many of its bytes are shown
    public static String lines(byte[] bytes, int most) {
        String text =
                new String(bytes, 0, Math.min(bytes.length, most), StandardCharsets.UTF_8)
                        .replace("\t", "    ");
        StringBuilder lines = new StringBuilder();
        text.codePoints()
                .forEach(c -> {
                    if (c == '\n') {
                        lines.append('\n');
                    } else {
                        append(lines, c);
                    }
                });
        if (bytes.length > most) {
            lines.append("\n... (%d bytes more)".formatted(bytes.length - most));
        }
        return lines.toString();
    }

    private static void append(StringBuilder to, int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    to.append((c > LAST_OF_PLANE_0 ? "\\x{%x}" : "\\u%04x").formatted(c));
            default -> to.appendCodePoint(c);
        }
    }
}
