package io.cloister.sandbox;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A size in bytes, never negative. Units are powers of 1024.
///
/// @param value the number of bytes
public record Bytes(long value) implements Comparable<Bytes> {
    private static final Pattern SIZE =
            Pattern.compile("([0-9]+)(?: ?(?:([kmgt])(?:ib)?|b))?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "kmgt";

    /// Checks the value.
    ///
    /// @throws IllegalArgumentException if `value` is negative
    public Bytes {
        if (value < 0) {
            throw new IllegalArgumentException("a size must be >= 0 bytes, was " + value);
        }
    }

    /// {@return a size of `bytes` bytes}
    ///
    /// @param bytes the number of bytes, >= 0
    /// @throws IllegalArgumentException if `bytes` is negative
    public static Bytes of(long bytes) {
        return new Bytes(bytes);
    }

    /// {@return a size of `count` times 1024 bytes}
    ///
    /// @param count how many of the unit, >= 0
    /// @throws IllegalArgumentException if `count` is negative or the size exceeds a `long`
    public static Bytes kibibytes(long count) {
        return scaled(count, 1);
    }

    /// {@return a size of `count` times 1024² bytes}
    ///
    /// @param count how many of the unit, >= 0
    /// @throws IllegalArgumentException if `count` is negative or the size exceeds a `long`
    public static Bytes mebibytes(long count) {
        return scaled(count, 2);
    }

    /// {@return a size of `count` times 1024³ bytes}
    ///
    /// @param count how many of the unit, >= 0
    /// @throws IllegalArgumentException if `count` is negative or the size exceeds a `long`
    public static Bytes gibibytes(long count) {
        return scaled(count, 3);
    }

    /// Reads a size such as `64m`, `64MiB`, `64 MiB`, `1g`, `512k` or `4096`.
    ///
    /// The units `k`, `m`, `g` and `t` are powers of 1024, in either case, alone or followed by
    /// `iB`; a number without a unit, or with `B`, counts bytes. There are no fractions.
    ///
    /// @param text the text
    /// @return the size
    /// @throws IllegalArgumentException if `text` is none of these or the size exceeds a `long`
    public static Bytes parse(String text) {
        Objects.requireNonNull(text, "text");
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected a size such as \"256m\", was \"" + text + "\"");
        }
        String unit = matcher.group(2);
        int power = unit == null ? 0 : UNITS.indexOf(unit.toLowerCase(Locale.ROOT)) + 1;
        try {
            return scaled(Long.parseLong(matcher.group(1)), power);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "a size must be <= " + Long.MAX_VALUE + " bytes, was \"" + text + "\"", e);
        }
    }

    private static Bytes scaled(long count, int power) {
        long unit = 1L << (10 * power);
        if (count > Long.MAX_VALUE / unit) {
            throw new IllegalArgumentException(
                    "a size must be <= %d bytes, was %d times %d"
                            .formatted(Long.MAX_VALUE, count, unit));
        }
        return new Bytes(count * unit);
    }

    @Override
    public int compareTo(Bytes other) {
        return Long.compare(value, other.value);
    }

    /// The size in the largest unit that needs no fraction, for example `64 MiB` or `4097 B`.
    @Override
    public String toString() {
        int power = wholePower();
        String unit = power == 0 ? "B" : UNITS.toUpperCase(Locale.ROOT).charAt(power - 1) + "iB";
        return (value >> (10 * power)) + " " + unit;
    }

    /// The size as [#parse(String)] and JSON write it, for example `64m` or `4097`.
    String toShortString() {
        int power = wholePower();
        return (value >> (10 * power)) + (power == 0 ? "" : UNITS.substring(power - 1, power));
    }

    private int wholePower() {
        return value == 0 ? 0 : Math.min(UNITS.length(), Long.numberOfTrailingZeros(value) / 10);
    }
}
