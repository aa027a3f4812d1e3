package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.check.Texts;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/// Checks of numbers, sizes, durations and modes; the message names bound and value.
final class Numbers {
    /// 1 ms of each 100 ms, the least that the kernel takes; cgroups(7).
    private static final double MIN_CPUS = 0.01;

    private static final double MAX_CPUS = 10_000;
    private static final int MAX_WEIGHT = 10_000;

    private static final Pattern ID_LIST =
            Pattern.compile("[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*");

    private Numbers() {}

    static long positive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " must be > 0, was " + value);
        }
        return value;
    }

    /// Permission bits up to `max`.
    static int mode(int mode, int max) {
        if (mode < 0 || mode > max) {
            throw new IllegalArgumentException(
                    "mode must be 0 to 0%o, was %s"
                            .formatted(max, mode < 0 ? mode : "0" + Integer.toOctalString(mode)));
        }
        return mode;
    }

    static Bytes positive(String what, Bytes value) {
        Objects.requireNonNull(value, what);
        if (value.value() == 0) {
            throw new IllegalArgumentException(what + " must be > 0, was " + value);
        }
        return value;
    }

    static Duration positive(String what, Duration value) {
        Objects.requireNonNull(value, what);
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    what + " must be > 0, was " + Units.formatDuration(value));
        }
        return value;
    }

    static Duration notNegative(String what, Duration value) {
        Objects.requireNonNull(value, what);
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    what + " must be >= 0, was " + Units.formatDuration(value));
        }
        return value;
    }

    /// A number of processors that the kernel can share out.
    static double cpus(double value) {
        if (!(value >= MIN_CPUS && value <= MAX_CPUS)) {
            throw new IllegalArgumentException(
                    "cpus must be %s to %s, was %s".formatted(MIN_CPUS, (long) MAX_CPUS, value));
        }
        return value;
    }

    /// A weight of cgroups(7).
    static int weight(String what, int value) {
        if (value < 1 || value > MAX_WEIGHT) {
            throw new IllegalArgumentException(
                    "%s must be 1 to %d, was %d".formatted(what, MAX_WEIGHT, value));
        }
        return value;
    }

    static Bytes powerOfTwo(String what, Bytes value) {
        Objects.requireNonNull(value, what);
        if (Long.bitCount(value.value()) != 1) {
            throw new IllegalArgumentException(what + " must be a power of two, was " + value);
        }
        return value;
    }

    /// A list of processors or memory nodes as in cpuset(7), "List format".
    static String idList(String what, String value) {
        Objects.requireNonNull(value, what);
        if (!ID_LIST.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "%s must be a list such as \"0-1,3\", was \"%s\""
                            .formatted(what, Texts.visible(value)));
        }
        for (String range : value.split(",")) {
            String[] ends = range.split("-");
            if (ends.length > 1 && Integer.parseInt(ends[0]) > Integer.parseInt(ends[1])) {
                throw new IllegalArgumentException(
                        "a range of %s must not end before it begins, was \"%s\""
                                .formatted(what, range));
            }
        }
        return value;
    }
}
