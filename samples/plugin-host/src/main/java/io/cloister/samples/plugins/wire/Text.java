package io.cloister.samples.plugins.wire;

import java.util.stream.Collectors;

/// Text that somebody hostile wrote, for people: of bounded length, and with all that could move a
/// cursor, colour a terminal or begin a line of a log written out.
public final class Text {
    private static final int LONGEST = 500;

    private Text() {}

    /// {@return the text on one line}
    ///
    /// @param hostile the text
    public static String visible(String hostile) {
        boolean cut = hostile.length() > LONGEST;
        String shown = cut ? hostile.substring(0, LONGEST) : hostile;
        return shown.codePoints().mapToObj(Text::show).collect(Collectors.joining())
                + (cut ? "... (%d characters)".formatted(hostile.length()) : "");
    }

    private static String show(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.SURROGATE ->
                    c < 0x10000 ? "\\u%04x".formatted(c) : "\\x{%x}".formatted(c);
            default -> Character.toString(c);
        };
    }
}
