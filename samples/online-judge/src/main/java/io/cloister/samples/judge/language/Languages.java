package io.cloister.samples.judge.language;

import io.cloister.samples.judge.yaml.Fields;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The languages that the host has, and those that it lacks.
///
/// @param available ids to languages
/// @param missing ids to reasons, for people
/// @param extensions ends of file names to ids, also of those that are missing
public record Languages(
        Map<String, Language> available,
        Map<String, String> missing,
        Map<String, String> extensions) {
    private static final String RESOURCE = "languages.yaml";

    /// Copies the maps, in their order.
    public Languages {
        available = new LinkedHashMap<>(available);
        missing = new LinkedHashMap<>(missing);
        extensions = Map.copyOf(extensions);
    }

    /// {@return what the judge describes and this host has}
    public static Languages ofHost() {
        try (InputStream in = Languages.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing beside " + Languages.class);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return choose(read(RESOURCE, text), HostJdks.find());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE, e);
        }
    }

    /// {@return the languages that a text describes}
    ///
    /// @param file where it is from, for messages
    /// @param text YAML, a list
    public static List<Language> read(String file, String text) {
        return Fields.parseList(file, text).stream().map(Language::read).toList();
    }

    /// {@return those whose programs are there, and why not for the others}
    ///
    /// @param described all of them
    /// @param jdks versions to homes
    static Languages choose(List<Language> described, Map<Integer, Path> jdks) {
        Map<String, Language> available = new LinkedHashMap<>();
        Map<String, String> missing = new LinkedHashMap<>();
        Map<String, String> extensions = new LinkedHashMap<>();
        for (Language language : described) {
            language.extensions().forEach(end -> extensions.put(end, language.id()));
            Language placed = language;
            if (language.jdk().isPresent()) {
                int version = language.jdk().getAsInt();
                Path home = jdks.get(version);
                if (home == null) {
                    missing.put(
                            language.id(),
                            "no JDK %d: set -D%s%d=HOME, or install one in %s"
                                    .formatted(
                                            version,
                                            HostJdks.PROPERTY,
                                            version,
                                            HostJdks.INSTALLED));
                    continue;
                }
                placed = language.withJdk(home);
            }
            Optional<Path> absent =
                    placed.needs().stream().filter(p -> !Files.isExecutable(p)).findFirst();
            if (absent.isPresent()) {
                missing.put(language.id(), "the host has no " + absent.get());
            } else {
                available.put(language.id(), placed);
            }
        }
        return new Languages(available, missing, extensions);
    }

    /// {@return the id of the language of a file, by the end of its name}
    ///
    /// @param name the name of the file
    public Optional<String> idOfFile(String name) {
        return Optional.ofNullable(extensions.get(name.substring(name.lastIndexOf('.') + 1)));
    }

    /// {@return the language of a file, by the end of its name, if the host has it}
    ///
    /// @param name the name of the file
    public Optional<Language> ofFile(String name) {
        return idOfFile(name).map(available::get);
    }
}
