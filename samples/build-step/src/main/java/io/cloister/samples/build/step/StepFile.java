package io.cloister.samples.build.step;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file of steps, in JSON or, where its name ends so, YAML.
///
/// @param steps names to steps, in the order of the file
public record StepFile(Map<String, Step> steps) {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    private static final ObjectMapper YAML =
            YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /// Copies.
    public StepFile {
        steps = steps == null ? new LinkedHashMap<>() : new LinkedHashMap<>(steps);
        for (String name : steps.keySet()) {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,60}")) {
                throw new IllegalArgumentException(
                        "names of steps are letters, digits, '.', '_' and '-', was \"%s\""
                                .formatted(name));
            }
        }
    }

    /// Reads a file.
    ///
    /// @param file where it is
    /// @return its steps
    /// @throws IOException if it cannot be read
    /// @throws IllegalArgumentException if it is no step file; the message says where
    public static StepFile read(Path file) throws IOException {
        String name = file.getFileName().toString();
        boolean isYaml = name.endsWith(".yaml") || name.endsWith(".yml");
        try {
            StepFile steps =
                    (isYaml ? YAML : JSON).readValue(Files.readString(file), StepFile.class);
            steps.steps.forEach((step, it) -> {
                if (it.outputs().contains(name)) {
                    throw new IllegalArgumentException(
                            "%s would replace the file of steps: %s".formatted(step, name));
                }
            });
            return steps;
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "%s is no file of steps: %s".formatted(file, e.getOriginalMessage())
                            + (e.getLocation() == null
                                    ? ""
                                    : " (line %d)".formatted(e.getLocation().getLineNr())),
                    e);
        }
    }
}
