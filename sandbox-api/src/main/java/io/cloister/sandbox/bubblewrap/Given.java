package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.check.Texts;

import java.util.List;
import java.util.function.Supplier;

/// An option of a command line with its arguments.
///
/// @param place where it stands, as in `word 3`
record Given(Option option, List<String> arguments, String place) {
    private static final int OCTAL = 8;
    private static final int MAX_MODE = 07777;

    String first() {
        return arguments.getFirst();
    }

    String last() {
        return arguments.getLast();
    }

    /// A descriptor's number, which comes first.
    int descriptor() {
        return descriptor(first());
    }

    private int descriptor(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw refused("expected the number of a descriptor, was " + quoted(text));
        }
        return Integer.parseInt(text);
    }

    int id() {
        if (!first().matches("[0-9]{1,10}") || Long.parseLong(first()) > Integer.MAX_VALUE) {
            throw refused("expected an id from 0 to 2147483647, was " + quoted(first()));
        }
        return Integer.parseInt(first());
    }

    long size() {
        if (!first().matches("[0-9]{1,18}") || Long.parseLong(first()) == 0) {
            throw refused("expected a number of bytes > 0, was " + quoted(first()));
        }
        return Long.parseLong(first());
    }

    int mode() {
        if (!first().matches("[0-7]{1,9}") || Integer.parseInt(first(), OCTAL) > MAX_MODE) {
            throw refused("expected an octal number up to 07777, was " + quoted(first()));
        }
        return Integer.parseInt(first(), OCTAL);
    }

    /// The destination, which comes last: without a trailing slash; `/` for the root. As with
    /// bubblewrap, one that does not begin with a slash starts from the root as well.
    String destination() {
        StringBuilder path = new StringBuilder();
        for (String name : last().split("/")) {
            if (name.equals("..")) {
                throw refused("expected a place without \"..\", was " + quoted(last()));
            }
            if (!name.isEmpty() && !name.equals(".")) {
                path.append('/').append(name);
            }
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    /// The value, if the policy takes it.
    <T> T checked(Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw refused(e.getMessage());
        }
    }

    IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException("%s (%s): %s".formatted(option.label(), place, reason));
    }

    /// A line for what is not honoured.
    String note(String reason) {
        String shown = Texts.visible(String.join(" ", arguments));
        return option.label() + (shown.isEmpty() ? "" : " " + shown) + ": " + reason;
    }

    static String quoted(String text) {
        return '"' + Texts.visible(text) + '"';
    }
}
