package io.cloister.sandbox.json;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.Objects;
import java.util.function.Function;

/// JSON between text and tree, alike for everything that is read and written here.
final class JsonText {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JsonText() {}

    /// What a text says.
    ///
    /// @param json the text
    /// @param source its name in messages, such as its file; empty if it has none
    /// @param reader makes it of the value
    /// @throws IllegalArgumentException if it is not JSON, or the reader refuses it; the message
    ///   says where
    static <T> T read(String json, String source, Function<Value, T> reader) {
        Value value = tree(json, source, new Places());
        return value.checked(() -> reader.apply(value));
    }

    /// The value that a text is.
    ///
    /// @param places where the places are added
    /// @throws IllegalArgumentException if it is not JSON; the message says where
    static Value tree(String json, String source, Places places) {
        try (JsonParser parser = MAPPER.createParser(json)) {
            try {
                return new TreeReader(parser, source, places).read();
            } catch (JacksonException e) {
                // What breaks a bound of the parser has no place of its own.
                TokenStreamLocation at =
                        Objects.requireNonNullElseGet(e.getLocation(), parser::currentLocation);
                Place place = new Place(source, at.getLineNr(), at.getColumnNr());
                String what = e instanceof StreamConstraintsException ? "too much" : "not JSON";
                throw new Refusal(place + ": " + what + ": " + e.getOriginalMessage(), e);
            }
        }
    }

    /// Indented text.
    static String write(JsonNode tree) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    }
}
