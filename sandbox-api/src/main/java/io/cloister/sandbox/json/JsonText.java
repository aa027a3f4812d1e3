package io.cloister.sandbox.json;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON between text and tree, alike for everything that is read and written here.
final class JsonText {
    static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private JsonText() {}

    /// The value that a text is.
    ///
    /// @throws IllegalArgumentException if it is not JSON; the message says where
    static Value read(String json) {
        try {
            return new Value("", MAPPER.readTree(json));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "not JSON at line %d, column %d: %s"
                            .formatted(
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr(),
                                    e.getOriginalMessage()),
                    e);
        }
    }

    /// Indented text.
    static String write(JsonNode tree) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    }
}
