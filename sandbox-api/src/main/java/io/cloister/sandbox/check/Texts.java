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

    /// The text with control characters and surrogates written out.
    ///
    /// @param text the text
    /// @return text that is safe to print
    public static String visible(String text) {
        StringBuilder visible = new StringBuilder(text.length());
        for (char c : text.toCharArray()) {
            if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                visible.append("\\u%04x".formatted((int) c));
            } else {
                visible.append(c);
            }
        }
        return visible.toString();
    }

    /// How many bytes the text has in UTF-8.
    ///
    /// @param text the text
    /// @return the number of bytes
    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
