package io.cloister.sandbox.spring.settings;

import org.jspecify.annotations.Nullable;

import java.io.Serial;

/// A property has a value that the sandbox refuses, or properties cannot be used together.
public final class RefusedPropertyException extends IllegalArgumentException {
    @Serial private static final long serialVersionUID = 1L;

    private final String property;
    private final @Nullable String value;
    private final String expected;

    /// Makes an exception.
    ///
    /// @param property the whole name of the property, or the prefix of several
    /// @param value its value as it may be shown; null where it is none of one property
    /// @param cause says what is expected
    public RefusedPropertyException(
            String property, @Nullable Object value, IllegalArgumentException cause) {
        super(
                value == null
                        ? "%s: %s".formatted(property, cause.getMessage())
                        : "%s = %s: %s".formatted(property, value, cause.getMessage()),
                cause);
        this.property = property;
        this.value = value == null ? null : value.toString();
        this.expected = String.valueOf(cause.getMessage());
    }

    /// {@return the whole name of the property, or the prefix of several}
    public String property() {
        return property;
    }

    /// {@return its value as it may be shown; null where it is none of one property}
    public @Nullable String value() {
        return value;
    }

    /// {@return what is expected}
    public String expected() {
        return expected;
    }
}
