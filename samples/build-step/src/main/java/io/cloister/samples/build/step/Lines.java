package io.cloister.samples.build.step;

/// Lines that a program wrote, for a terminal: bounded, and what would move its cursor, colour it
/// or turn its direction is written out.
final class Lines {
    private static final int LONGEST = 2000;

    private Lines() {}

    static String visible(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(LONGEST)
                .forEach(c -> {
                    switch (Character.getType(c)) {
                        case Character.CONTROL,
                                Character.FORMAT,
                                Character.SURROGATE,
                                Character.LINE_SEPARATOR,
                                Character.PARAGRAPH_SEPARATOR ->
                                line.append(c == '\t' ? "    " : "\\u{%x}".formatted(c));
                        default -> line.appendCodePoint(c);
                    }
                });
        return text.length() > LONGEST ? line.append("...").toString() : line.toString();
    }
}
