package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Units;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A JSON value together with the place where it stands, which every message names.
///
/// @param path the place, for example `limits.memory` or `mounts[2].bind`; empty for the whole
/// @param node the value
record Value(String path, JsonNode node) {
    private static final int MAX_SHOWN = 60;

    /// An object whose fields are among `known`.
    Fields fields(String... known) {
        if (!node.isObject()) {
            throw expected("an object");
        }
        return new Fields(this, List.of(known));
    }

    /// The fields of an object whose names are free.
    List<Entry> entries() {
        if (!node.isObject()) {
            throw expected("an object");
        }
        List<Entry> entries = new ArrayList<>();
        node.properties()
                .forEach(e -> entries.add(new Entry(e.getKey(), at(e.getKey(), e.getValue()))));
        return entries;
    }

    /// A field of an object.
    ///
    /// @param name its name
    /// @param value its value
    record Entry(String name, Value value) {
        /// The constant that has this name.
        <E> E named(E[] constants, Function<E, String> label) {
            return Arrays.stream(constants)
                    .filter(constant -> label.apply(constant).equals(name))
                    .findFirst()
                    .orElseThrow(() ->
                            value.refused(
                                    "unknown name; known here: "
                                            + Arrays.stream(constants)
                                                    .map(label)
                                                    .collect(Collectors.joining(", "))));
        }
    }

    /// The elements of an array.
    <T> List<T> list(Function<Value, T> reader) {
        if (!node.isArray()) {
            throw expected("an array");
        }
        List<T> list = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            list.add(reader.apply(new Value(path + "[" + i + "]", node.get(i))));
        }
        return list;
    }

    String text() {
        if (!node.isString()) {
            throw expected("text");
        }
        return node.stringValue();
    }

    boolean flag() {
        if (!node.isBoolean()) {
            throw expected("true or false");
        }
        return node.booleanValue();
    }

    long number() {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw expected("a whole number");
        }
        return node.longValue();
    }

    int integer() {
        long number = number();
        if (number != (int) number) {
            throw expected("a whole number up to " + Integer.MAX_VALUE);
        }
        return (int) number;
    }

    int id() {
        long id = number();
        if (id < 0 || id > Integer.MAX_VALUE) {
            throw expected("an id from 0 to " + Integer.MAX_VALUE);
        }
        return (int) id;
    }

    /// A number of 64 bits without a sign, as the bits of a `long`.
    long unsigned() {
        if (!node.isIntegralNumber()
                || node.bigIntegerValue().signum() < 0
                || node.bigIntegerValue().bitLength() > Long.SIZE) {
            throw expected("a whole number from 0 to 2^64 - 1");
        }
        return node.bigIntegerValue().longValue();
    }

    double decimal() {
        if (!node.isNumber()) {
            throw expected("a number");
        }
        return node.doubleValue();
    }

    /// A size such as `"256m"`, or a number of bytes.
    Bytes size() {
        if (node.isIntegralNumber()) {
            return checked(() -> Bytes.of(number()));
        }
        if (!node.isString()) {
            throw expected("a size such as \"256m\"");
        }
        return checked(() -> Bytes.parse(text()));
    }

    Duration duration() {
        if (!node.isString()) {
            throw expected("a duration such as \"2s\"");
        }
        return checked(() -> Units.parseDuration(text()));
    }

    /// Permission bits such as `"0755"`.
    int octal() {
        if (!node.isString() || !node.stringValue().matches("[0-7]{1,5}")) {
            throw expected("octal text such as \"0755\"");
        }
        return Integer.parseInt(node.stringValue(), 8);
    }

    /// Whether the value says that there is no limit.
    boolean isUnlimited() {
        return node.isString() && node.stringValue().equals("unlimited");
    }

    /// What `action` gives; where it refuses, the message names this place.
    <T> T checked(Supplier<T> action) {
        try {
            return action.get();
        } catch (Refusal e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new Refusal(prefix() + e.getMessage(), e);
        }
    }

    /// The refusal of this value.
    IllegalArgumentException expected(String what) {
        return refused("expected " + what + ", was " + shown());
    }

    /// The refusal of this value without showing it.
    IllegalArgumentException refused(String message) {
        return new Refusal(prefix() + message, null);
    }

    /// A value that stands in this one.
    Value at(String name, JsonNode value) {
        return new Value(path.isEmpty() ? name : path + "." + name, value);
    }

    private String prefix() {
        return path.isEmpty() ? "" : path + ": ";
    }

    private String shown() {
        String text = node.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }
}
