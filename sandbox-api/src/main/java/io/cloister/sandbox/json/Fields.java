package io.cloister.sandbox.json;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The fields of a JSON object, none of which is unknown.
final class Fields {
    private final Value object;

    Fields(Value object, List<String> known) {
        this.object = object;
        for (Value.Entry field : object.entries()) {
            if (!known.contains(field.name())) {
                throw field.refused(Spelling.unknown("field", field.name(), known));
            }
        }
    }

    boolean has(String name) {
        return object.node().has(name);
    }

    Optional<Value> find(String name) {
        return has(name) ? Optional.of(object.at(name)) : Optional.empty();
    }

    Value require(String name) {
        return find(name).orElseThrow(() -> object.refused("field \"" + name + "\" must be given"));
    }

    /// What a field says, or `absent` where it is not there.
    <T> T read(String name, Function<Value, T> reader, T absent) {
        return find(name).map(reader).orElse(absent);
    }
}
