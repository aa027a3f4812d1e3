package io.cloister.sandbox.text;

import io.cloister.sandbox.Units;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The text of a value with many parts, of which most are mostly not there: `Name[a=1, b=20ms]`.
/// What is empty is left out, and durations are written in one way. Not thread-safe.
public final class Parts {

    private final StringBuilder text;
    private final Function<Duration, String> durations;
    private String separator = "";

    private Parts(String name, Function<Duration, String> durations) {
        text = new StringBuilder(name).append('[');
        this.durations = durations;
    }

    /// {@return a text of what somebody has set, with durations to the last digit}
    ///
    /// @param name the name of the type
    public static Parts set(String name) {
        return new Parts(name, Units::formatDuration);
    }

    /// {@return a text of what was measured, with durations as [Units#showDuration(Duration)] has
    /// them}
    ///
    /// @param name the name of the type
    public static Parts measured(String name) {
        return new Parts(name, Units::showDuration);
    }

    /// Adds a part.
    ///
    /// @param name its name
    /// @param value its value; an empty optional, collection or map is left out
    /// @return this
    public Parts add(String name, Object value) {
        switch (value) {
            case Optional<?> optional -> optional.ifPresent(present -> add(name, present));
            case Collection<?> values when values.isEmpty() -> {}
            case Map<?, ?> values when values.isEmpty() -> {}
            case Duration duration -> append(name, durations.apply(duration));
            default -> append(name, value.toString());
        }
        return this;
    }

    private void append(String name, String value) {
        text.append(separator).append(name).append('=').append(value);
        separator = ", ";
    }

    /// The text.
    @Override
    public String toString() {
        return text + "]";
    }
}
