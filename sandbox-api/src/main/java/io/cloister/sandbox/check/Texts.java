package io.cloister.sandbox.check;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Checks of text that the kernel will see.
public final class Texts {
    private Texts() {}

    /// Refuses a NUL, at which the kernel would end the text.
    ///
    /// @param what names the text in the message
    /// @param text the text
    /// @return `text`
    public static String withoutNul(String what, String text) {
        Objects.requireNonNull(text, what);
        int index = text.indexOf('\0');
        if (index >= 0) {
            throw new IllegalArgumentException(
                    what + " must not hold a NUL, has one at index " + index);
        }
        return text;
    }

    /// Refuses control characters, and surrogates without a partner, which no file name can hold.
    ///
    /// @param what names the text in the message
    /// @param text the text
    /// @return `text`
    public static String printable(String what, String text) {
        Objects.requireNonNull(text, what);
        boolean surrogates = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            surrogates |= Character.isSurrogate(c);
            if (Character.isISOControl(c)) {
                throw new IllegalArgumentException(
                        what + " must not hold control characters, was \"" + visible(text) + "\"");
            }
        }
        if (surrogates && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    what + " must be Unicode text, was \"" + visible(text) + "\"");
        }
        return text;
    }

    /// The text on one line, with everything written out that a terminal or a page would act upon.
    ///
    /// @param text the text
    /// @return text that is safe to print
    public static String visible(String text) {
        return visible(text, "");
    }

    /// The text with everything written out that a terminal or a page would act upon.
    ///
    /// @param text the text
    /// @param kept control characters that are kept
    /// @return text that is safe to print
    public static String visible(String text, String kept) {
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    if (acts(c) && kept.indexOf(c) < 0) {
                        for (char unit : Character.toChars(c)) {
                            visible.append("\\u%04x".formatted((int) unit));
                        }
                    } else {
                        visible.appendCodePoint(c);
                    }
                });
        return visible.toString();
    }

    /// Control characters, those that change the direction or the form of what stands around them,
    /// ends of lines that not everybody takes for one, and surrogates without a partner.
    private static boolean acts(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    true;
            default -> false;
        };
    }

    /// How many bytes the text has in UTF-8.
    ///
    /// @param text the text
    /// @return the number of bytes
    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
