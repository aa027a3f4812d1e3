package io.cloister.samples.build.surefire;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.LimitItem;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a test sees, and what it may use.
///
/// @param invocation what was called
/// @param settings of the project
/// @param project the directory of the whole project
/// @param java home of the Java that runs the tests
/// @param home of the user, as it is on the host
record TestPolicy(Invocation invocation, Settings settings, Path project, Path java, Path home) {

    /// Where Surefire's files lie inside.
    static final String BOOTER = "/run/surefire";

    private static final Set<String> VARIABLES =
            Set.of("PATH", "LANG", "TZ", "USER", "LOGNAME", "CLASSPATH", "HOME");

    /// Has resolvers ask for one address at a time, with a call that shows the question.
    private static final String RESOLVER =
            "nameserver 127.0.0.53\noptions single-request timeout:1 attempts:1\n";

    /// The topmost directory with a `pom.xml` above the module, and in each between; never one that
    /// holds the home, nor one in which others than the module's owner can put files.
    static Path project(Path module, Path home) throws IOException {
        Path project = module;
        for (Path above = module.getParent();
                above != null
                        && !home.startsWith(above)
                        && Files.exists(above.resolve("pom.xml"))
                        && Files.getOwner(above).equals(Files.getOwner(module))
                        && !Files.getPosixFilePermissions(above)
                                .contains(PosixFilePermission.OTHERS_WRITE);
                above = above.getParent()) {
            project = above;
        }
        return project;
    }

    /// What is shown to be read: the project, Java, the local repository, the class path.
    Set<Path> readable() {
        Set<Path> shown = outermost(named().map(TestPolicy::real));
        for (Path path : shown) {
            if (home.startsWith(path)) {
                throw new IllegalArgumentException(
                        "the tests would see all of %s, in which your home lies; move the project,"
                                + " the local repository or what else lies there".formatted(path));
            }
        }
        return shown;
    }

    private Stream<Path> named() {
        Set<Path> shown = new LinkedHashSet<>();
        shown.add(project);
        shown.add(java);
        links(java).forEach(shown::add);
        invocation
                .booter()
                .flatMap(it -> it.property("localRepository"))
                .map(Path::of)
                .ifPresent(shown::add);
        shown.addAll(invocation.classPath());
        settings.list("show").forEach(it -> shown.add(Path.of(it)));
        return shown.stream().filter(Files::exists);
    }

    /// What the tests may write to, beside `/tmp` and an empty home.
    Optional<Path> writable() {
        return invocation
                .booter()
                .map(Invocation.Booter::buildDirectory)
                .or(() ->
                        Optional.of(invocation.directory().resolve("target"))
                                .filter(Files::isDirectory))
                .map(this::withoutLinks);
    }

    /// Where the reports lie: made before the tests run, who then cannot change it.
    Optional<Path> reports() {
        return writable().map(it -> it.resolve(Report.DIRECTORY));
    }

    /// A directory below the module that no link leads to: a link of the project could lead to
    /// anything that the user has.
    private Path withoutLinks(Path directory) {
        Path module = real(invocation.directory());
        boolean isBelow = real(directory).startsWith(module) && !real(directory).equals(module);
        for (Path at = directory;
                isBelow && at != null && !real(at).equals(module);
                at = at.getParent()) {
            isBelow = !Files.isSymbolicLink(at);
        }
        if (!isBelow || home.startsWith(real(directory))) {
            throw new IllegalArgumentException(
                    "the tests would be able to write to %s, which is %s; set"
                                    .formatted(directory, real(directory))
                            + " project.build.directory to a directory below "
                            + module
                            + ", without links");
        }
        return real(directory);
    }

    Sandbox.Builder sandbox() {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .syscalls(Watched.policy(settings.is("watch-files")))
                        .onlyEnvironment(environment())
                        .workDirectory(real(invocation.directory()).toString())
                        .memoryLimit(settings.size("memory"))
                        .pidsLimit(settings.count("pids"))
                        .cpuTimeLimit(settings.time("cpu-time"))
                        .wallTimeLimit(settings.time("wall-time"))
                        .outputLimit(settings.size("output"))
                        .scratchSize(settings.size("tmp"))
                        .bestEffort(LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME)
                        .file("/etc/resolv.conf", RESOLVER.getBytes(StandardCharsets.UTF_8));
        if (!Path.of("/tmp").startsWith(home)) {
            builder.tmpfs(home.toString(), settings.size("tmp"));
        }
        for (Path path : readable()) {
            if (!path.startsWith("/usr")) {
                builder.readOnly(path);
            }
        }
        // What was named by way of a link is looked for there.
        named().filter(it -> !it.equals(real(it)))
                .filter(it -> !it.startsWith("/usr"))
                .forEach(it -> builder.readOnly(real(it), it.toString()));
        writable().ifPresent(builder::writable);
        // What others of the same build are told by Maven, and what is told of them.
        Stream.concat(
                        invocation.booter().map(Invocation.Booter::directory).stream(),
                        reports().map(TestPolicy::made).stream())
                .map(this::withoutLinks)
                .forEach(builder::readOnly);
        // For more than one fork, Surefire has a first one write the names of the tests there.
        invocation
                .booter()
                .flatMap(it -> it.property("discoverTestsOutputFile"))
                .map(Path::of)
                .filter(Files::isRegularFile)
                .map(this::withoutLinks)
                .ifPresent(builder::writable);
        invocation
                .filesInside()
                .forEach((name, all) -> builder.file(BOOTER + "/" + name, bytes(all)));
        return builder;
    }

    private Map<String, String> environment() {
        Map<String, String> all = new TreeMap<>(System.getenv());
        Set<String> named = new LinkedHashSet<>(settings.list("environment"));
        all.keySet()
                .removeIf(it ->
                        !VARIABLES.contains(it) && !it.startsWith("LC_") && !named.contains(it));
        all.put("HOME", home.toString());
        all.put("JAVA_HOME", java.toString());
        return all;
    }

    /// Distributions keep parts of a JDK elsewhere, such as its settings below `/etc`.
    private static List<Path> links(Path java) {
        return Stream.of("conf", "conf/security", "lib", "lib/security", "jre/lib/security")
                .map(java::resolve)
                .filter(Files::isDirectory)
                .flatMap(TestPolicy::entries)
                .filter(Files::isSymbolicLink)
                .filter(Files::exists)
                .map(TestPolicy::real)
                .toList();
    }

    private static Stream<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return Stream.concat(Stream.of(directory), entries.toList().stream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Without those that lie in others.
    private static Set<Path> outermost(Stream<Path> paths) {
        Set<Path> outermost = new LinkedHashSet<>();
        paths.sorted()
                .filter(path -> outermost.stream().noneMatch(path::startsWith))
                .forEach(outermost::add);
        return outermost;
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path made(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// With what is not Latin-1 written out, which a writer would not do.
    static byte[] bytes(Properties properties) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            properties.store(bytes, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
