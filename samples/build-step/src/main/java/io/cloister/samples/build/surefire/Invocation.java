package io.cloister.samples.build.surefire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/// What `java` was called with, and what that says of the project.
///
/// @param arguments as they came
/// @param directory the working directory, which is that of the module
/// @param booter what Surefire and Failsafe add; empty for any other program
/// @param classPath absolute paths of jars and directories that the arguments name
record Invocation(
        List<String> arguments, Path directory, Optional<Booter> booter, Set<Path> classPath) {

    /// `2026-01-31T12-00-00_123-jvmRun1`, the same in all versions since 2.19.
    private static final Pattern RUN = Pattern.compile("[0-9T_-]+-jvmRun[0-9]+");

    private static final List<String> PATH_OPTIONS =
            List.of("-cp", "-classpath", "--class-path", "-p", "--module-path", "--patch-module");

    private static final List<String> AGENT_OPTIONS = List.of("-javaagent:", "-agentpath:");

    /// The last arguments: a directory, a name of the run, and the names of files in the directory.
    ///
    /// @param directory of the files; it lies in the directory of the build
    /// @param run tells this fork from others, and this build from earlier ones
    /// @param files names to what Surefire wrote into them, in the order of the arguments
    record Booter(Path directory, String run, Map<String, Properties> files) {
        /// Copies.
        Booter {
            files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
        }

        Optional<String> property(String name) {
            return files.values().stream()
                    .flatMap(all -> Optional.ofNullable(all.getProperty(name)).stream())
                    .findFirst();
        }

        /// The directory that Maven builds into, in which Surefire makes its own.
        Path buildDirectory() {
            return Optional.ofNullable(directory.getParent()).orElse(directory);
        }
    }

    /// Reads the files that the arguments name.
    static Invocation of(List<String> arguments, Path directory) throws IOException {
        Optional<Booter> booter = booter(arguments, directory);
        Set<Path> classPath = new LinkedHashSet<>();
        addPaths(arguments, directory, classPath);
        if (booter.isPresent()) {
            for (Properties all : booter.get().files().values()) {
                all.stringPropertyNames().stream()
                        .filter(name -> name.matches("(surefireC|c)lassPathUrl\\.[0-9]+"))
                        .forEach(name -> add(all.getProperty(name), directory, classPath));
            }
        }
        return new Invocation(List.copyOf(arguments), directory, booter, classPath);
    }

    /// What Surefire is to find in the place of its files: the same, without the id of Maven's
    /// process, which means nothing inside and would have the tests end themselves, and with a pipe
    /// in the place of a socket.
    Map<String, Properties> filesInside() {
        Map<String, Properties> inside = new TreeMap<>();
        booter.ifPresent(it ->
                it.files()
                        .forEach((name, all) -> {
                            Properties copy = new Properties();
                            copy.putAll(all);
                            copy.remove("pluginPid");
                            copy.replace(Channel.PROPERTY, Channel.PIPE);
                            inside.put(name, copy);
                        }));
        return inside;
    }

    /// The arguments for the inside, where the files of Surefire lie in another directory.
    List<String> argumentsInside(String place) {
        List<String> inside = new ArrayList<>(arguments);
        booter.ifPresent(it -> inside.set(inside.lastIndexOf(it.run()) - 1, place));
        return inside;
    }

    private static Optional<Booter> booter(List<String> arguments, Path directory)
            throws IOException {
        for (int i = arguments.size() - 1; i > 0; i--) {
            if (RUN.matcher(arguments.get(i)).matches()) {
                Path place = directory.resolve(arguments.get(i - 1)).normalize();
                Map<String, Properties> files = new LinkedHashMap<>();
                for (String name : arguments.subList(i + 1, arguments.size())) {
                    Path file = place.resolve(name);
                    if (Files.isRegularFile(file)) {
                        files.put(name, read(file));
                    }
                }
                return Optional.of(new Booter(place, arguments.get(i), files));
            }
        }
        return Optional.empty();
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (var in = Files.newInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }

    private static void addPaths(List<String> arguments, Path directory, Set<Path> classPath)
            throws IOException {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            if (PATH_OPTIONS.contains(argument)) {
                for (String entry : next.split(":")) {
                    boolean isNamed = argument.equals("--patch-module");
                    int start = isNamed ? entry.indexOf('=') + 1 : 0;
                    add(entry.substring(start), directory, classPath);
                }
            } else if (argument.equals("-jar")) {
                add(next, directory, classPath);
                addManifest(directory.resolve(next).normalize(), classPath);
            } else if (argument.startsWith("@")) {
                Path file = directory.resolve(argument.substring(1)).normalize();
                classPath.add(file);
                addPaths(ArgumentFile.words(Files.readString(file)), directory, classPath);
            } else {
                for (String option : AGENT_OPTIONS) {
                    if (argument.startsWith(option)) {
                        String agent = argument.substring(option.length());
                        add(agent.split("=", 2)[0], directory, classPath);
                    }
                }
            }
        }
    }

    private static void addManifest(Path jar, Set<Path> classPath) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            if (file.getManifest() == null) {
                return;
            }
            String entries = file.getManifest().getMainAttributes().getValue("Class-Path");
            for (String url : entries == null ? new String[0] : entries.trim().split(" +")) {
                classPath.add(Path.of(jar.toUri().resolve(url)).normalize());
            }
        }
    }

    private static void add(String entry, Path directory, Set<Path> classPath) {
        if (!entry.isEmpty()) {
            // `lib/*` means all jars of `lib`.
            String path = entry.endsWith("/*") ? entry.substring(0, entry.length() - 2) : entry;
            classPath.add(directory.resolve(path).normalize());
        }
    }
}
