package io.cloister.sandbox;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations and sizes as people write them in JSON and on a command line, and as messages and
/// `toString()` show them.
public final class Units {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final Pattern DURATION =
            Pattern.compile("(-?)([0-9]{1,19})(?:\\.([0-9]{1,9}))?(ns|us|ms|s|m|h|d)");

    /// Shorter ones are shown to the microsecond, longer ones to the millisecond.
    private static final Duration FINE_BELOW = Duration.ofMillis(10);

    private record Unit(String name, long nanos) {}

    private static final List<Unit> DESCENDING =
            List.of(
                    new Unit("d", 86_400_000_000_000L),
                    new Unit("h", 3_600_000_000_000L),
                    new Unit("m", 60_000_000_000L),
                    new Unit("s", 1_000_000_000L),
                    new Unit("ms", 1_000_000L),
                    new Unit("us", 1_000L),
                    new Unit("ns", 1L));

    private Units() {}

    /// Reads a duration such as `2s`, `500ms`, `1.5s`, `1m`, `2h`, `1d`, `-30s`, `10us` or `7ns`.
    ///
    /// It is one number, with a fraction if need be, and one unit with nothing in between. Here `m`
    /// is minutes; a number alone is refused.
    ///
    /// @param text the text
    /// @return the duration
    /// @throws IllegalArgumentException if `text` is none of these, is finer than a nanosecond or
    ///   exceeds a [Duration]
    public static Duration parseDuration(String text) {
        Objects.requireNonNull(text, "text");
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected a duration such as \"500ms\", \"2s\" or \"1m\", was \""
                            + text
                            + "\"");
        }
        String fraction = matcher.group(3) == null ? "0" : matcher.group(3);
        BigDecimal number = new BigDecimal(matcher.group(2) + "." + fraction);
        BigDecimal nanos = number.multiply(BigDecimal.valueOf(nanosOf(matcher.group(4))));
        try {
            BigDecimal[] parts = nanos.divideAndRemainder(BigDecimal.valueOf(NANOS_PER_SECOND));
            Duration duration =
                    Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
            return matcher.group(1).isEmpty() ? duration : duration.negated();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "a duration must be whole nanoseconds and <= "
                            + Long.MAX_VALUE
                            + " s, was \""
                            + text
                            + "\"",
                    e);
        }
    }

    /// Writes a duration so that [#parseDuration(String)] reads the same one back.
    ///
    /// The unit is the largest that needs no fraction; from one second on a fraction of seconds is
    /// preferred to smaller units: `90s`, `5m`, `1.5s`, `500ms`.
    ///
    /// @param duration the duration
    /// @return the text
    public static String formatDuration(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        long seconds = duration.getSeconds();
        long nanos = duration.getNano();
        if (duration.isNegative()) {
            // The size of the number; unsigned, since that of the longest is beyond a long.
            seconds = nanos == 0 ? -seconds : -(seconds + 1);
            nanos = nanos == 0 ? 0 : NANOS_PER_SECOND - nanos;
        }
        return (duration.isNegative() ? "-" : "")
                + (nanos == 0 ? wholeSeconds(seconds) : withNanos(seconds, nanos));
    }

    private static String wholeSeconds(long seconds) {
        for (Unit unit : DESCENDING) {
            long size = unit.nanos() / NANOS_PER_SECOND;
            if (size > 0 && Long.remainderUnsigned(seconds, size) == 0) {
                return Long.toUnsignedString(Long.divideUnsigned(seconds, size)) + unit.name();
            }
        }
        throw new AssertionError("a whole number of seconds is a multiple of 1 s: " + seconds);
    }

    private static String withNanos(long seconds, long nanos) {
        if (seconds != 0) {
            String digits = String.valueOf(NANOS_PER_SECOND + nanos).substring(1);
            int end = digits.length();
            while (digits.charAt(end - 1) == '0') {
                end--;
            }
            return Long.toUnsignedString(seconds) + "." + digits.substring(0, end) + "s";
        }
        for (Unit unit : DESCENDING) {
            if (nanos % unit.nanos() == 0) {
                return nanos / unit.nanos() + unit.name();
            }
        }
        throw new AssertionError("a whole number of nanoseconds is a multiple of 1 ns: " + nanos);
    }

    /// Shows a duration that was measured: in the units of [#formatDuration(Duration)], without
    /// digits that nobody reads, as in `1.234s`, `20ms` and `3.456ms`.
    ///
    /// From 10 milliseconds on whatever is finer than a millisecond is cut off, below that whatever
    /// is finer than a microsecond: the text never says more than has passed.
    ///
    /// @param duration the duration
    /// @return the text
    public static String showDuration(Duration duration) {
        Duration size = duration.abs();
        if (size.compareTo(Duration.ofNanos(1_000)) < 0 || size.getSeconds() > 0) {
            return formatDuration(
                    size.getSeconds() > 0 ? duration.truncatedTo(ChronoUnit.MILLIS) : duration);
        }
        boolean fine = size.compareTo(FINE_BELOW) < 0;
        long nanos = duration.truncatedTo(fine ? ChronoUnit.MICROS : ChronoUnit.MILLIS).toNanos();
        boolean millis = size.compareTo(Duration.ofMillis(1)) >= 0;
        return BigDecimal.valueOf(nanos, millis ? 6 : 3).stripTrailingZeros().toPlainString()
                + (millis ? "ms" : "us");
    }

    /// Writes a size so that [Bytes#parse(String)] reads the same one back, for example `64m`.
    ///
    /// @param size the size
    /// @return the text
    public static String formatSize(Bytes size) {
        return size.toShortString();
    }

    private static long nanosOf(String name) {
        return DESCENDING.stream()
                .filter(unit -> unit.name().equals(name))
                .findFirst()
                .orElseThrow()
                .nanos();
    }
}
