package io.cloister.sandbox.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// An object of an OCI configuration of which each field is taken, noted or refused. `null` is as
/// absent, and what is unknown is noted: "runtimes must not generate an error if they encounter an
/// unknown property".
final class OciObject {
    private final Value value;
    private final List<String> notes;
    private final Set<String> seen = new HashSet<>();

    OciObject(Value value, List<String> notes) {
        if (!value.node().isObject()) {
            throw value.expected("an object");
        }
        this.value = value;
        this.notes = notes;
    }

    Value value() {
        return value;
    }

    Optional<Value> find(String name) {
        seen.add(name);
        return value.node().hasNonNull(name) ? Optional.of(value.at(name)) : Optional.empty();
    }

    Value require(String name) {
        return find(name).orElseThrow(() -> value.refused("field \"" + name + "\" must be given"));
    }

    <T> T read(String name, Function<Value, T> reader, T absent) {
        return find(name).map(reader).orElse(absent);
    }

    <T> List<T> list(String name, Function<Value, T> reader) {
        return find(name).map(field -> field.list(reader)).orElse(List.of());
    }

    /// What stands in a field that is an object.
    void within(String name, Consumer<OciObject> reader) {
        find(name)
                .ifPresent(field -> {
                    OciObject object = new OciObject(field, notes);
                    reader.accept(object);
                    object.end();
                });
    }

    /// What stands in each object of a list.
    void each(String name, Consumer<OciObject> reader) {
        for (Value element : list(name, v -> v)) {
            OciObject object = new OciObject(element, notes);
            reader.accept(object);
            object.end();
        }
    }

    /// Notes fields, where something stands in them.
    void note(String reason, String... names) {
        for (String name : names) {
            find(name).filter(field -> !isEmpty(field)).ifPresent(field -> note(field, reason));
        }
    }

    void note(Value field, String reason) {
        notes.add(field.path() + ": " + reason);
    }

    /// Refuses fields, where something stands in them.
    void refuse(String reason, String... names) {
        for (String name : names) {
            find(name)
                    .filter(field -> !isEmpty(field))
                    .ifPresent(field -> {
                        throw field.refused(reason);
                    });
        }
    }

    /// Notes what nobody has asked for.
    void end() {
        for (String name : new ArrayList<>(value.node().propertyNames())) {
            if (seen.add(name)) {
                note(value.at(name), "not in version 1.2 of the OCI runtime specification");
            }
        }
    }

    private static boolean isEmpty(Value field) {
        return field.node().isContainer() && field.node().isEmpty()
                || field.node().isString() && field.node().stringValue().isEmpty();
    }
}
