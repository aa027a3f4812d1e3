package io.cloister.samples.judge.language;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The JDKs of the host: `judge.jdk.25` and the like as system properties, then the JDK that the
/// judge itself runs on, then where distributions put them.
final class HostJdks {
    /// Together with a version, the system property that names a home.
    static final String PROPERTY = "judge.jdk.";

    /// Where distributions put JDKs.
    static final Path INSTALLED = Path.of("/usr/lib/jvm");

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    private HostJdks() {}

    /// Versions to homes.
    static Map<Integer, Path> find() {
        Map<Integer, Path> found = new TreeMap<>();
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith(PROPERTY))
                .forEach(name ->
                        found.put(
                                Integer.valueOf(name.substring(PROPERTY.length())),
                                Path.of(System.getProperty(name))));
        add(found, Path.of(System.getProperty("java.home")));
        if (Files.isDirectory(INSTALLED)) {
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(INSTALLED)) {
                homes.forEach(home -> add(found, home));
            } catch (IOException | DirectoryIteratorException e) {
                throw new IllegalStateException("cannot look for JDKs in " + INSTALLED, e);
            }
        }
        return found;
    }

    private static void add(Map<Integer, Path> found, Path home) {
        Path release = home.resolve("release");
        if (Files.isExecutable(home.resolve("bin/javac")) && Files.isReadable(release)) {
            try {
                Path real = home.toRealPath();
                version(Files.readString(release)).ifPresent(v -> found.putIfAbsent(v, real));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + release, e);
            }
        }
    }

    /// The major version that a file `release` of a JDK names.
    static Optional<Integer> version(String release) {
        Matcher matcher = VERSION.matcher(release);
        return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
    }
}
