package io.cloister.sandbox;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/// An absolute path inside a sandbox, as the kernel has it: bytes. Immutable.
///
/// A program may give its files any name of 1 to 255 bytes without `/` and NUL: line feeds,
/// terminal sequences, what is no UTF-8. A [java.nio.file.Path] or a `String` would mangle or
/// refuse such a name; this type keeps its bytes, and shows them in a form that is safe to print
/// and can be read back: `parse(path.toString())` equals `path`.
///
/// There is one way to write each path: it begins with `/`, has no doubled or trailing slash, and
/// none of its names is `.` or `..`. So a name that comes from an untrusted source and is given to
/// [#resolve(String)] cannot lead elsewhere. (Symbolic links can; see [SandboxFiles].)
public final class SandboxPath implements Comparable<SandboxPath> {
    private static final int MAX_NAME = 255;
    private static final byte SLASH = '/';
    private static final byte BACKSLASH = '\\';
    private static final HexFormat HEX = HexFormat.of();

    /// The root of the sandbox, `/`.
    public static final SandboxPath ROOT = new SandboxPath(new byte[] {SLASH});

    private final byte[] bytes;

    private SandboxPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /// {@return the path whose names are these characters in UTF-8}
    ///
    /// Nothing is an escape here: a backslash is a backslash. [#parse(String)] reads escapes.
    ///
    /// @param path an absolute path, for example `/work/out`
    /// @throws IllegalArgumentException if it is not absolute, has a doubled or trailing slash, a
    ///   name `.` or `..` or one of more than 255 bytes, a NUL, or a surrogate without a partner
    public static SandboxPath of(String path) {
        return ofBytes(encoded(path));
    }

    /// {@return the path of these bytes}
    ///
    /// @param path the bytes of an absolute path; they are copied
    /// @throws IllegalArgumentException as [#of(String)]
    public static SandboxPath ofBytes(byte[] path) {
        byte[] bytes = path.clone();
        if (bytes.length == 0 || bytes[0] != SLASH) {
            throw refused("must be absolute", bytes);
        }
        for (int start = 1; bytes.length > 1 && start <= bytes.length; ) {
            int end = start;
            while (end < bytes.length && bytes[end] != SLASH) {
                end++;
            }
            checkName(Arrays.copyOfRange(bytes, start, end), bytes);
            start = end + 1;
        }
        return new SandboxPath(bytes);
    }

    /// {@return the path that [#toString()] shows in this way}
    ///
    /// `\\` stands for a backslash and `\x` with two hexadecimal digits for a byte; everything else
    /// stands for itself.
    ///
    /// @param escaped the text
    /// @throws IllegalArgumentException if an escape is malformed, or as [#of(String)]
    public static SandboxPath parse(String escaped) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
        int at = 0;
        while (at < escaped.length()) {
            int next = escaped.indexOf('\\', at);
            int end = next < 0 ? escaped.length() : next;
            bytes.writeBytes(encoded(escaped.substring(at, end)));
            at = end;
            if (next >= 0) {
                at += readEscape(escaped, next, bytes);
            }
        }
        return ofBytes(bytes.toByteArray());
    }

    private static int readEscape(String escaped, int at, ByteArrayOutputStream bytes) {
        if (escaped.startsWith("\\\\", at)) {
            bytes.write(BACKSLASH);
            return 2;
        }
        if (escaped.startsWith("\\x", at)
                && at + 4 <= escaped.length()
                && HexFormat.isHexDigit(escaped.charAt(at + 2))
                && HexFormat.isHexDigit(escaped.charAt(at + 3))) {
            bytes.write(HexFormat.fromHexDigits(escaped, at + 2, at + 4));
            return 4;
        }
        throw new IllegalArgumentException(
                "a backslash must be written \\\\, and a byte \\x and two digits; was \"%s\" at %d"
                        .formatted(shown(encodedLoosely(escaped)), at));
    }

    /// {@return the entry of this name in this directory}
    ///
    /// @param name one name, not several
    /// @throws IllegalArgumentException if it is empty, `.`, `..` or longer than 255 bytes, or
    ///   holds a `/`, a NUL or a surrogate without a partner
    public SandboxPath resolve(String name) {
        return resolve(encoded(name));
    }

    /// {@return the entry of this name in this directory}
    ///
    /// @param name the bytes of one name; they are copied
    /// @throws IllegalArgumentException as [#resolve(String)]
    public SandboxPath resolve(byte[] name) {
        byte[] copy = name.clone();
        checkName(copy, copy);
        int start = isRoot() ? 1 : bytes.length + 1;
        byte[] joined = Arrays.copyOf(bytes, start + copy.length);
        joined[start - 1] = SLASH;
        System.arraycopy(copy, 0, joined, start, copy.length);
        return new SandboxPath(joined);
    }

    private static void checkName(byte[] name, byte[] whole) {
        if (name.length == 0) {
            throw refused("must not have an empty name, a doubled or a trailing slash", whole);
        }
        if (name.length > MAX_NAME) {
            throw refused("must have no name of more than " + MAX_NAME + " bytes", whole);
        }
        if (name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.')) {
            throw refused("must not have a name \".\" or \"..\"", whole);
        }
        for (byte b : name) {
            if (b == 0) {
                throw refused("must not hold a NUL", whole);
            }
            if (b == SLASH) {
                throw refused("must be one name, without a slash", whole);
            }
        }
    }

    private static IllegalArgumentException refused(String why, byte[] bytes) {
        return new IllegalArgumentException(
                "a path in the sandbox " + why + ", was \"" + shown(bytes) + "\"");
    }

    private static byte[] encoded(String text) {
        Objects.requireNonNull(text, "path");
        try {
            ByteBuffer buffer = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(buffer.array(), buffer.limit());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "a path in the sandbox must be Unicode text, was \""
                            + shown(encodedLoosely(text))
                            + "\"",
                    e);
        }
    }

    private static byte[] encodedLoosely(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// {@return a copy of the bytes, with the leading slash}
    public byte[] bytes() {
        return bytes.clone();
    }

    /// {@return whether this is `/`}
    public boolean isRoot() {
        return bytes.length == 1;
    }

    /// {@return the directory that this lies in; empty for the root}
    public Optional<SandboxPath> parent() {
        int slash = lastSlash();
        if (isRoot()) {
            return Optional.empty();
        }
        return Optional.of(slash == 0 ? ROOT : new SandboxPath(Arrays.copyOf(bytes, slash)));
    }

    /// {@return the last name, its bytes; empty for the root}
    public byte[] name() {
        return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
    }

    /// {@return the last name as [#toString()] shows it; empty for the root}
    public String nameText() {
        return shown(name());
    }

    private int lastSlash() {
        int slash = bytes.length - 1;
        while (bytes[slash] != SLASH) {
            slash--;
        }
        return slash;
    }

    /// In the order of the bytes, without sign.
    @Override
    public int compareTo(SandboxPath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SandboxPath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// Text that is safe to print and that [#parse(String)] reads back. Visible characters stand
    /// for themselves, a backslash is `\\`. Each byte of anything else is `\x` and two digits: of
    /// control characters, of invisible ones that change the direction or the form of what stands
    /// around them, and of what is no UTF-8.
    @Override
    public String toString() {
        return shown(bytes);
    }

    private static String shown(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(sequenceLength(bytes[at]), bytes.length - at);
            String decoded = decoded(bytes, at, length);
            if (decoded.equals("\\")) {
                text.append("\\\\");
            } else if (!decoded.isEmpty() && isVisible(decoded.codePointAt(0))) {
                text.append(decoded);
            } else {
                // What follows a broken lead byte is looked at by itself.
                length = decoded.isEmpty() ? 1 : length;
                for (int i = at; i < at + length; i++) {
                    text.append("\\x").append(HEX.toHexDigits(bytes[i]));
                }
            }
            at += length;
        }
        return text.toString();
    }

    private static int sequenceLength(byte lead) {
        int ones = Integer.numberOfLeadingZeros(~(lead << 24));
        return Math.max(1, ones);
    }

    private static String decoded(byte[] bytes, int at, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, length))
                    .toString();
        } catch (CharacterCodingException _) {
            return "";
        }
    }

    private static boolean isVisible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }
}
