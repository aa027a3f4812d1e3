package io.cloister.samples.build.surefire;

import io.cloister.sandbox.Bytes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What may be said about the sandbox of a project: each name is the environment variable
/// `BUILD_STEP_` with that name in capitals. Limits may also be a line of `sandbox.properties` in
/// the directory of the module or of the project, which comes after; what opens the sandbox may
/// not, since the file comes with what is not trusted.
///
/// @param values names to texts; those that are missing have their default
record Settings(Map<String, String> values) {

    private static final String FILE = "sandbox.properties";
    private static final String PREFIX = "BUILD_STEP_";

    private static final Set<String> LIMITS =
            Set.of("memory", "pids", "cpu-time", "wall-time", "output", "tmp");

    /// All names, with their defaults.
    static final Map<String, String> DEFAULTS =
            Map.ofEntries(
                    Map.entry("memory", "4g"),
                    Map.entry("pids", "1024"),
                    Map.entry("cpu-time", "30m"),
                    Map.entry("wall-time", "30m"),
                    Map.entry("output", "1g"),
                    Map.entry("tmp", "1g"),
                    // Names of variables, paths that are shown, paths that are not reported.
                    Map.entry("environment", ""),
                    Map.entry("show", ""),
                    Map.entry("tolerate", ""),
                    Map.entry("watch-files", "true"),
                    Map.entry("fail", "true"),
                    Map.entry("java-home", ""));

    Settings {
        values = Map.copyOf(values);
    }

    /// Reads the environment, then the file of the module, then that of the project.
    static Settings read(Map<String, String> environment, List<Path> directories)
            throws IOException {
        Map<String, String> values = new TreeMap<>();
        for (Path directory : directories.reversed()) {
            Path file = directory.resolve(FILE);
            if (Files.isRegularFile(file)) {
                Properties properties = new Properties();
                try (var in = Files.newBufferedReader(file)) {
                    properties.load(in);
                }
                for (String name : properties.stringPropertyNames()) {
                    if (!DEFAULTS.containsKey(name)) {
                        throw new IllegalArgumentException(
                                "%s: no setting is called \"%s\"; there are %s"
                                        .formatted(
                                                file,
                                                name,
                                                DEFAULTS.keySet().stream().sorted().toList()));
                    }
                    if (!LIMITS.contains(name)) {
                        throw new IllegalArgumentException(
                                "%s: %s is not for the project to say; set %s=%s if you mean it"
                                        .formatted(
                                                file,
                                                name,
                                                variable(name),
                                                properties.getProperty(name)));
                    }
                    values.put(name, properties.getProperty(name));
                }
            }
        }
        for (String name : DEFAULTS.keySet()) {
            String value = environment.get(variable(name));
            if (value != null) {
                values.put(name, value);
            }
        }
        return new Settings(values);
    }

    static String variable(String name) {
        return PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    String text(String name) {
        return values.getOrDefault(name, DEFAULTS.get(name)).strip();
    }

    Bytes size(String name) {
        return Bytes.parse(text(name));
    }

    long count(String name) {
        return Long.parseLong(text(name));
    }

    /// `90s`, `5m`, `1h30m`.
    Duration time(String name) {
        try {
            return Duration.parse("PT" + text(name));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "%s must be a time such as 90s or 5m, was \"%s\"".formatted(name, text(name)),
                    e);
        }
    }

    boolean is(String name) {
        return switch (text(name)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "%s must be true or false, was \"%s\"".formatted(name, text(name)));
        };
    }

    List<String> list(String name) {
        return Stream.of(text(name).split(","))
                .map(String::strip)
                .filter(it -> !it.isEmpty())
                .toList();
    }
}
