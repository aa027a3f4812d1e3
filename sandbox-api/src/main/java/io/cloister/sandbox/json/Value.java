package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Units;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/// A JSON value together with the place where it stands, which every message names.
///
/// @param path the place, for example `limits.memory` or `mounts[2].bind`; empty for the whole
/// @param node the value
/// @param place the place in the text
/// @param places the places of what stands in it
record Value(String path, JsonNode node, Place place, Places places) {
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
        return node.propertyNames().stream().map(name -> entry(name)).toList();
    }

    private Entry entry(String name) {
        Place named = places.find(node, name).map(Places.At::name).orElse(place);
        return new Entry(name, at(name), named);
    }

    /// A field of an object.
    ///
    /// @param name its name
    /// @param value its value
    /// @param named where the name stands
    record Entry(String name, Value value, Place named) {
        /// The constant that has this name.
        <E> E named(E[] constants, Function<E, String> label) {
            List<String> known = Arrays.stream(constants).map(label).toList();
            int index = known.indexOf(name);
            if (index < 0) {
                throw refused(Spelling.unknown("name", name, known));
            }
            return constants[index];
        }

        /// The refusal of the field for its name.
        IllegalArgumentException refused(String message) {
            return new Refusal(named + ": " + value.named() + message, null);
        }
    }

    /// The constant that the value names.
    <E> E oneOf(E[] constants, Function<E, String> label) {
        List<String> known = Arrays.stream(constants).map(label).toList();
        int index = known.indexOf(text());
        if (index < 0) {
            throw misspelt(Spelling.choice(known), known);
        }
        return constants[index];
    }

    /// The text, which must be one of these.
    String oneOf(String... known) {
        return oneOf(known, Function.identity());
    }

    /// The elements of an array.
    <T> List<T> list(Function<Value, T> reader) {
        if (!node.isArray()) {
            throw expected("an array");
        }
        List<T> list = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            String index = Places.index(i);
            Place at = places.find(node, index).map(Places.At::value).orElse(place);
            list.add(reader.apply(new Value(path + index, node.get(i), at, places)));
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
            String message = Objects.toString(e.getMessage(), e.toString());
            throw new Refusal(blamed(message) + ": " + named() + message, e);
        }
    }

    /// The place of the field that a message begins with, as in `cpuBurst must be ...`; else that
    /// of the whole.
    private Place blamed(String message) {
        String name = message.split("[^A-Za-z]", 2)[0];
        return places.find(node, name).map(Places.At::value).orElse(place);
    }

    /// The refusal of this value.
    IllegalArgumentException expected(String what) {
        return refused("expected " + what + ", was " + shown());
    }

    /// The refusal of this text, with the known one that is close to it.
    IllegalArgumentException misspelt(String what, List<String> known) {
        return refused(
                "expected %s, was %s%s".formatted(what, shown(), Spelling.question(text(), known)));
    }

    /// The refusal of this value without showing it.
    IllegalArgumentException refused(String message) {
        return new Refusal(prefix() + message, null);
    }

    /// A value that stands in this object, which has it.
    Value at(String name) {
        Place at = places.find(node, name).map(Places.At::value).orElse(place);
        return new Value(path(path, name), node.get(name), at, places);
    }

    /// The path of a field.
    static String path(String parent, String name) {
        return parent.isEmpty() ? name : parent + "." + name;
    }

    private String prefix() {
        return place + ": " + named();
    }

    private String named() {
        return path.isEmpty() ? "" : path + ": ";
    }

    private String shown() {
        String text = node.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }
}
