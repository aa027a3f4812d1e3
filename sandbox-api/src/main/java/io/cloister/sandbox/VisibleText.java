package io.cloister.sandbox;

import io.cloister.sandbox.check.Texts;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Makes what a sandboxed program wrote fit for a terminal, a log or a page.
///
/// Output is hostile text: escape sequences move cursors and change titles, line ends forge entries
/// of logs, marks of direction turn words round, and there may be any amount of it. Here the amount
/// is bounded, and control characters, marks of direction and form, and halves of surrogate pairs
/// are written out, such as `\u001b`. Everything else stands for itself, also a backslash: it is
/// for people, and cannot be read back. Whoever writes HTML escapes it as any other text.
public final class VisibleText {

    private static final String LAYOUT = "\n\t";

    private VisibleText() {}

    /// {@return the whole text on one line; see [#line(String, int)]}
    ///
    /// @param text what somebody wrote, not too long
    public static String line(String text) {
        return line(text, text.length());
    }

    /// {@return the whole text with its ends of lines and tabs; see [#lines(String, int)]}
    ///
    /// @param text what somebody wrote, not too long
    public static String lines(String text) {
        return lines(text, text.length());
    }

    /// {@return the text on one line, with ends of lines and tabs written out too}
    ///
    /// @param text what somebody wrote
    /// @param most characters of it that are shown; ` ...` tells that there are more
    /// @throws IllegalArgumentException if `most` is negative
    public static String line(String text, int most) {
        int end = end(text, most);
        return Texts.visible(text.substring(0, end)) + (end < text.length() ? " ..." : "");
    }

    /// {@return the text with its ends of lines and tabs}
    ///
    /// @param text what somebody wrote
    /// @param most characters of it that are shown; a last line tells how many more there are
    /// @throws IllegalArgumentException if `most` is negative
    public static String lines(String text, int most) {
        int end = end(text, most);
        String shown = Texts.visible(text.substring(0, end), LAYOUT);
        return end < text.length()
                ? shown + "\n... (%d characters more)".formatted(text.length() - end)
                : shown;
    }

    /// {@return the text of these bytes with its ends of lines and tabs} What is no UTF-8 shows as
    /// U+FFFD.
    ///
    /// @param bytes what somebody wrote
    /// @param most bytes of it that are shown; a last line tells how many more there are
    /// @throws IllegalArgumentException if `most` is negative
    public static String lines(byte[] bytes, int most) {
        byte[] first = Arrays.copyOf(bytes, Math.min(bytes.length, notNegative(most)));
        String shown = Texts.visible(new String(first, StandardCharsets.UTF_8), LAYOUT);
        return first.length < bytes.length
                ? shown + "\n... (%d bytes more)".formatted(bytes.length - first.length)
                : shown;
    }

    /// Where to cut, not within a pair of surrogates.
    private static int end(String text, int most) {
        int end = Math.min(text.length(), notNegative(most));
        boolean inPair =
                end > 0
                        && end < text.length()
                        && Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
        return inPair ? end - 1 : end;
    }

    private static int notNegative(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("most must be >= 0, was " + most);
        }
        return most;
    }
}
