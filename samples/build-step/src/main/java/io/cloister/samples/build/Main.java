package io.cloister.samples.build;

import io.cloister.samples.build.step.StepEnd;
import io.cloister.samples.build.step.StepFile;
import io.cloister.samples.build.step.StepRunner;
import io.cloister.sandbox.Bytes;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private Main() {}

    /// Runs the command and exits the JVM.
    ///
    /// @param arguments the words behind `build-step`
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, _, _) -> {
            System.err.println("build-step: " + failure.getMessage());
            return FAILED;
        });
        System.exit(line.execute(arguments));
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
                                    "Directory of the cache. Default: .build-step beside FILE.")
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
                new StepRunner(
                        root,
                        cache.orElse(root.resolve(".build-step")),
                        Bytes.parse(size),
                        line -> System.err.println("build-step: " + line));
        Map<String, StepEnd> ends =
                runner.run(StepFile.read(path).steps(), steps == null ? List.of() : steps);
        return ends.values().stream().allMatch(StepEnd::isSuccess) ? 0 : FAILED;
    }

    /// Tests of a Maven project.
    @Command(
            name = "test",
            description = "Runs mvn test in DIR, with the tests in a sandbox; offline if possible.",
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
        return new ProcessBuilder(words)
                .directory(directory.toFile())
                .inheritIO()
                .start()
                .waitFor();
    }
}
