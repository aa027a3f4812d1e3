package io.cloister.samples.judge.check;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// Decimal numbers as programs of all languages print them.
final class Numbers {
    /// Neither hexadecimal nor NaN, infinity or the type suffixes that Java would read.
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    /// Longer ones are no answers; it also bounds the work of parsing.
    private static final int LONGEST = 1000;

    private Numbers() {}

    /// The number that a token is, if it is one.
    static OptionalDouble parse(String token) {
        return token.length() <= LONGEST && DECIMAL.matcher(token).matches()
                ? OptionalDouble.of(Double.parseDouble(token))
                : OptionalDouble.empty();
    }
}
