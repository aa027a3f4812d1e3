package io.cloister.sandbox.policy;

/// The two values of a per-process limit. Source: getrlimit(2).
///
/// @param soft what is enforced; a program may move it up to `hard`
/// @param hard the ceiling; a program may lower but never raise it
public record RlimitValue(long soft, long hard) {
    /// No limit (`RLIM_INFINITY`).
    public static final long UNLIMITED = -1;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if a value is negative other than [#UNLIMITED], or `soft`
    ///   exceeds `hard`
    public RlimitValue {
        if (soft < UNLIMITED || hard < UNLIMITED) {
            throw new IllegalArgumentException(
                    "soft and hard must be >= 0 or UNLIMITED (-1), were %d and %d"
                            .formatted(soft, hard));
        }
        if (hard != UNLIMITED && (soft == UNLIMITED || soft > hard)) {
            throw new IllegalArgumentException(
                    "soft must be <= hard, was %s with %s".formatted(text(soft), text(hard)));
        }
    }

    /// Reads `soft:hard`, for example `1024:4096` or `0:unlimited`, or one value for both.
    ///
    /// @param text the text
    /// @return the values
    /// @throws IllegalArgumentException if `text` is neither
    public static RlimitValue parse(String text) {
        int colon = text.indexOf(':');
        String soft = colon < 0 ? text : text.substring(0, colon);
        String hard = colon < 0 ? text : text.substring(colon + 1);
        return new RlimitValue(number(soft, text), number(hard, text));
    }

    private static long number(String part, String text) {
        if (part.equals("unlimited")) {
            return UNLIMITED;
        }
        try {
            if (part.matches("[0-9]+")) {
                return Long.parseLong(part);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(refusal(text), e);
        }
        throw new IllegalArgumentException(refusal(text));
    }

    private static String refusal(String text) {
        return "expected limits such as \"1024:4096\" or \"unlimited\", was \"" + text + "\"";
    }

    /// As [#parse(String)] reads it.
    @Override
    public String toString() {
        return text(soft) + ":" + text(hard);
    }

    private static String text(long value) {
        return value == UNLIMITED ? "unlimited" : String.valueOf(value);
    }
}
