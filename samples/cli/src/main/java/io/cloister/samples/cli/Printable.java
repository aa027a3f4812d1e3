package io.cloister.samples.cli;

/// Text for a terminal: what could move its cursor, colour it or turn its direction is written out.
final class Printable {
    private Printable() {}

    /// The text on one line.
    static String line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    if (isPrintable(c)) {
                        line.appendCodePoint(c);
                    } else {
                        line.append(c < 0x10000 ? "\\u%04x".formatted(c) : "\\x{%x}".formatted(c));
                    }
                });
        return line.toString();
    }

    /// The text with its line ends.
    static String lines(String text) {
        StringBuilder lines = new StringBuilder(text.length());
        String separator = "";
        for (String line : text.split("\n", -1)) {
            lines.append(separator).append(line(line.replace("\t", "    ")));
            separator = "\n";
        }
        return lines.toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    false;
            default -> true;
        };
    }
}
