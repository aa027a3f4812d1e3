package io.cloister.sandbox.spring;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The tables of docs/spring.md, made from the metadata that the build writes for editors.
final class PropertiesTable {
    static final String DEFAULTS = "sandbox.defaults.";

    /// One property.
    record Property(String name, String type, String description, String fallback) {}

    private PropertiesTable() {}

    static List<Property> all() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        SandboxRegistry.class.getResourceAsStream(
                                "/META-INF/spring-configuration-metadata.json"))) {
            List<Property> properties = new ArrayList<>();
            for (JsonNode node : JsonMapper.shared().readTree(in).at("/properties")) {
                properties.add(
                        new Property(
                                node.at("/name").asString(),
                                node.at("/type").asString(),
                                node.at("/description").asString(""),
                                node.at("/defaultValue").asString("")));
            }
            return properties;
        }
    }

    static String ofAll(Stream<Property> properties) {
        return "| property | value | default | |\n|---|---|---|---|\n"
                + properties
                        .filter(property -> !property.name().startsWith(DEFAULTS))
                        .map(property ->
                                "| `%s` | %s | %s | %s |\n"
                                        .formatted(
                                                property.name(),
                                                value(property.type()),
                                                property.fallback().isEmpty()
                                                        ? ""
                                                        : "`" + property.fallback() + "`",
                                                property.description()))
                        .collect(Collectors.joining());
    }

    static String ofProfiles(Stream<Property> properties) {
        return "| property of a profile | value | |\n|---|---|---|\n"
                + properties
                        .filter(property -> property.name().startsWith(DEFAULTS))
                        .map(property ->
                                "| `%s` | %s | %s |\n"
                                        .formatted(
                                                property.name().substring(DEFAULTS.length()),
                                                value(property.type()),
                                                property.description()))
                        .collect(Collectors.joining());
    }

    private static String value(String type) {
        if (type.startsWith("java.util.List<")) {
            return "list of " + value(argument(type));
        }
        if (type.startsWith("java.util.Map<")) {
            String[] both = argument(type).split(",", 2);
            return "map of %s to %s".formatted(value(both[0]), value(both[1]));
        }
        return switch (type.substring(type.lastIndexOf('.') + 1)) {
            case "String" -> "text";
            case "Integer", "Long", "Double" -> "number";
            case "Boolean" -> "`true`, `false`";
            case "DataSize" -> "size";
            case "Duration" -> "duration";
            case "Resource" -> "resource";
            case "Path" -> "path";
            case "SandboxProperties$Profile" -> "profile";
            default -> constants(type);
        };
    }

    private static String argument(String type) {
        return type.substring(type.indexOf('<') + 1, type.length() - 1);
    }

    private static String constants(String type) {
        try {
            Object[] constants =
                    Objects.requireNonNull(Class.forName(type).getEnumConstants(), type);
            return Arrays.stream(constants)
                    .map(constant -> ((Enum<?>) constant).name())
                    .map(name -> "`" + name.toLowerCase(Locale.ROOT).replace('_', '-') + "`")
                    .collect(Collectors.joining(", "));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("no such type of a property: " + type, e);
        }
    }
}
