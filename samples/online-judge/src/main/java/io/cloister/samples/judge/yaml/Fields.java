package io.cloister.samples.judge.yaml;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The fields of one mapping of a YAML file.
///
/// @param file where it stands, for messages
/// @param prefix what stands before the names of its fields in messages: `limits.`
/// @param values names to values
public record Fields(String file, String prefix, Map<String, Object> values) {

    /// {@return the mapping that a text is}
    ///
    /// @param file where the text is from, for messages
    /// @param text YAML
    /// @throws InvalidFieldException if it is no mapping
    public static Fields parse(String file, String text) {
        return new Fields(file, "", mapping(file, "", load(file, text)));
    }

    /// {@return the mappings of a text that is a list of them}
    ///
    /// @param file where the text is from, for messages
    /// @param text YAML
    /// @throws InvalidFieldException if it is something else
    public static List<Fields> parseList(String file, String text) {
        if (!(load(file, text) instanceof List<?> items)) {
            throw new InvalidFieldException(file, "", "must be a list");
        }
        List<Fields> all = new ArrayList<>();
        for (Object item : items) {
            String prefix = "[" + all.size() + "].";
            all.add(new Fields(file, prefix, mapping(file, prefix, item)));
        }
        return all;
    }

    private static @Nullable Object load(String file, String text) {
        try {
            // Plain values only: no tag of the file can name a class.
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        } catch (YAMLException e) {
            throw new InvalidFieldException(file, "", "is no YAML: " + e.getMessage());
        }
    }

    private static Map<String, Object> mapping(String file, String prefix, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new InvalidFieldException(file, prefix, "must be a mapping of names to values");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        map.forEach((name, its) -> {
            if (its != null) {
                values.put(String.valueOf(name), its);
            }
        });
        return values;
    }

    /// Refuses fields that nobody would read, so that a misspelt one is noticed.
    ///
    /// @param known the names there may be
    /// @throws InvalidFieldException if there is another
    public void requireKnown(Set<String> known) {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw wrong(name, "is unknown; known are " + known.stream().sorted().toList());
            }
        }
    }

    /// {@return whether there is such a field}
    ///
    /// @param name its name
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /// {@return a text}
    ///
    /// @param name the field
    /// @throws InvalidFieldException if it is missing or no text
    public String text(String name) {
        return optionalText(name).orElseThrow(() -> wrong(name, "is missing"));
    }

    /// {@return a text, if there is one}
    ///
    /// @param name the field
    public Optional<String> optionalText(String name) {
        return switch (values.get(name)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            case Number number -> Optional.of(number.toString());
            default -> throw wrong(name, "must be a text");
        };
    }

    /// {@return the words of a list, or of a text}
    ///
    /// @param name the field; without it there are none
    public List<String> words(String name) {
        return switch (values.get(name)) {
            case null -> List.of();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case String text when text.isBlank() -> List.of();
            case String text -> List.of(text.trim().split("\\s+"));
            default -> throw wrong(name, "must be a text or a list");
        };
    }

    /// {@return a number within bounds}
    ///
    /// @param name the field
    /// @param otherwise what holds without it
    /// @param least the least it may be
    /// @param most the most it may be
    public double number(String name, double otherwise, double least, double most) {
        double number =
                switch (values.get(name)) {
                    case null -> otherwise;
                    case Number its -> its.doubleValue();
                    default -> throw wrong(name, "must be a number");
                };
        if (!(number >= least && number <= most)) {
            throw wrong(name, "must be %s to %s, was %s".formatted(least, most, number));
        }
        return number;
    }

    /// {@return a mapping within this one; empty without it}
    ///
    /// @param name the field
    public Fields fields(String name) {
        Object value = values.getOrDefault(name, Map.of());
        String inner = prefix + name + ".";
        return new Fields(file, inner, mapping(file, inner, value));
    }

    /// {@return an exception that names file and field}
    ///
    /// @param name the field
    /// @param what what is wrong with it
    public InvalidFieldException wrong(String name, String what) {
        return new InvalidFieldException(file, prefix + name, what);
    }
}
