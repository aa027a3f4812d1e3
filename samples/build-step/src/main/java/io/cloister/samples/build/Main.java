package io.cloister.samples.build;

import io.cloister.samples.build.step.StepEnd;
import io.cloister.samples.build.step.StepFile;
import io.cloister.samples.build.step.StepRunner;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.VisibleText;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The command `build-step`.
@Command(
        name = "build-step",
        description = "Runs the steps and the tests of a build without trust in them.",
        mixinStandardHelpOptions = true,
        version = "build-step of Cloister")
public final class Main {
    private static final int FAILED = 1;
    private static final int LONGEST = 2000;

    private Main() {}

    /// Runs the command and exits the JVM.
    ///
    /// @param arguments the words behind `build-step`
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, _, _) -> {
            // The message of many an IOException is a path alone.
            say(failure instanceof IOException ? failure.toString() : failure.getMessage());
            return FAILED;
        });
        System.exit(line.execute(arguments));
    }

    /// With what came from files of the project.
    private static void say(String line) {
        System.err.println("build-step: " + VisibleText.line(line, LONGEST));
    }

    /// Of the user: what lies in a project comes from whoever made that.
    private static Path cache() {
        Path home = Path.of(System.getProperty("user.home"));
        return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(it -> it.startsWith("/"))
                .map(Path::of)
                .orElse(home.resolve(".cache"))
                .resolve("cloister-build-step");
    }

    /// Steps of a file.
    @Command(
            name = "run",
            description = "Runs the steps of a file, in JSON or YAML; all, or those named.",
            mixinStandardHelpOptions = true)
    int run(
            @Parameters(paramLabel = "FILE", description = "The steps.") Path file,
            @Parameters(paramLabel = "STEP", arity = "0..*", description = "Which.")
                    @Nullable List<String> steps,
            @Option(
                            names = "--cache",
                            description =
                                    "Directory of the cache. Default: cloister-build-step in"
                                            + " $XDG_CACHE_HOME or ~/.cache.")
                    Optional<Path> cache,
            @Option(
                            names = "--cache-size",
                            defaultValue = "1g",
                            description = "What the cache may hold. Default: ${DEFAULT-VALUE}.")
                    String size)
            throws IOException {
        Path path = file.toAbsolutePath().normalize();
        Path root = path.getParent();
        StepRunner runner =
                new StepRunner(root, cache.orElseGet(Main::cache), Bytes.parse(size), Main::say);
        Map<String, StepEnd> ends =
                runner.run(StepFile.read(path).steps(), steps == null ? List.of() : steps);
        return ends.values().stream().allMatch(StepEnd::isSuccess) ? 0 : FAILED;
    }

    /// Tests of a Maven project.
    @Command(
            name = "test",
            description = "Runs mvn test in DIR, with the tests in a sandbox.",
            mixinStandardHelpOptions = true)
    int test(
            @Parameters(paramLabel = "DIR", description = "The project.") Path directory,
            @Parameters(
                            paramLabel = "OPTION",
                            arity = "0..*",
                            description = "Further options of Maven, behind --.")
                    @Nullable List<String> options)
            throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("build-step.sandboxed"), "bin/java");
        List<String> words =
                new ArrayList<>(List.of("mvn", "--batch-mode", "test", "-Djvm=" + java));
        words.addAll(options == null ? List.of() : options);
        if (!Files.exists(directory.resolve("pom.xml"))) {
            throw new IllegalArgumentException(directory + " has no pom.xml");
        }
        FileTime start = FileTime.from(Instant.now().truncatedTo(ChronoUnit.SECONDS));
        int status =
                new ProcessBuilder(words)
                        .directory(directory.toFile())
                        .inheritIO()
                        .start()
                        .waitFor();
        List<Path> outside = RanOutside.find(directory, start);
        for (Path results : outside) {
            say(
                    "the tests of %s were NOT in the sandbox: the pom sets <jvm>, or runs them in"
                                    .formatted(results)
                            + " Maven's own process (forkCount 0)");
        }
        return outside.isEmpty() ? status : FAILED;
    }
}
