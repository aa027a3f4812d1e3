package io.cloister.sandbox.json;

import io.cloister.sandbox.SandboxSpec;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A policy as JSON. What is read is what was written: no field is lost, none is passed over.
public final class SpecJson {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private SpecJson() {}

    /// Reads a policy; see [SandboxSpec#fromJson(String)].
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SandboxSpec read(String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "not JSON at line %d, column %d: %s"
                            .formatted(
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr(),
                                    e.getOriginalMessage()),
                    e);
        }
        return SpecReader.read(new Value("", tree));
    }

    /// Writes a policy; see [SandboxSpec#toJson()].
    ///
    /// @param spec the policy
    /// @return indented JSON
    public static String write(SandboxSpec spec) {
        return MAPPER.writerWithDefaultPrettyPrinter()
                .writeValueAsString(new SpecWriter(MAPPER).write(spec));
    }
}
