package io.cloister.samples.cli;

import picocli.CommandLine.Model.OptionSpec;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Reads the texts of options; a refusal names the option.
final class OptionValues {
    private OptionValues() {}

    /// Hands the text of an option to its setter, where it is given.
    ///
    /// @throws IllegalArgumentException if it is refused; the message begins with the option
    static void set(OptionSpec option, Consumer<String> setter) {
        Options.<String>given(option).ifPresent(text -> set(option, text, setter));
    }

    /// Hands the texts of a repeated option to its setter.
    ///
    /// @throws IllegalArgumentException if one is refused; the message begins with the option
    static void setAll(OptionSpec option, Consumer<String> setter) {
        Options.all(option).forEach(text -> set(option, text, setter));
    }

    private static void set(OptionSpec option, String text, Consumer<String> setter) {
        String name = option.longestName();
        try {
            setter.accept(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    name + ": " + refused("a number in range", text).getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    static String digits(String text) {
        if (!text.matches("[0-9]+")) {
            throw refused("a whole number", text);
        }
        return text;
    }

    static double decimal(String text) {
        if (!text.matches("[0-9]+(\\.[0-9]+)?")) {
            throw refused("a number such as 0.5", text);
        }
        return Double.parseDouble(text);
    }

    static String[] split(String text, String expected) {
        String[] parts = text.split("=", 2);
        if (parts.length < 2) {
            throw refused(expected, text);
        }
        return parts;
    }

    /// The constant that has this name, in whatever case.
    static <E> E named(String name, E[] constants, Function<E, String> label) {
        return Arrays.stream(constants)
                .filter(constant -> label.apply(constant).equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() ->
                        refused(
                                "one of "
                                        + Arrays.stream(constants)
                                                .map(label)
                                                .collect(Collectors.joining(", ")),
                                name));
    }

    static IllegalArgumentException refused(String expected, String text) {
        return new IllegalArgumentException("expected %s, was \"%s\"".formatted(expected, text));
    }
}
