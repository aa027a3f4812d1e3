package io.cloister.samples.judge.check;

import java.nio.charset.StandardCharsets;

/// The tokens of an output, one after the other, and the white space before each.
final class Tokens {
    private final byte[] bytes;
    private int position;
    private int number;
    private int line = 1;
    private String space = "";
    private String token = "";

    Tokens(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Goes to the next one. Without one, the white space is that at the end.
    boolean next() {
        int start = position;
        while (position < bytes.length && isSpace(bytes[position])) {
            line += bytes[position] == '\n' ? 1 : 0;
            position++;
        }
        space = text(start);
        start = position;
        while (position < bytes.length && !isSpace(bytes[position])) {
            position++;
        }
        token = text(start);
        number += token.isEmpty() ? 0 : 1;
        return !token.isEmpty();
    }

    private String text(int start) {
        return new String(bytes, start, position - start, StandardCharsets.ISO_8859_1);
    }

    /// As isspace(3): space, and from tab to carriage return.
    private static boolean isSpace(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }

    String token() {
        return token;
    }

    String space() {
        return space;
    }

    /// From 1.
    int number() {
        return number;
    }

    /// From 1.
    int line() {
        return line;
    }
}
