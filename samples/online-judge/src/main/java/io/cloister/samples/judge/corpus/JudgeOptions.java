package io.cloister.samples.judge.corpus;

import io.cloister.samples.judge.engine.JudgeSettings;
import io.cloister.samples.judge.engine.SandboxJudge;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// What all commands need: a judge with a cache that nobody had before.
final class JudgeOptions {
    @Option(
            names = "--problems",
            paramLabel = "DIRECTORY",
            description = "where the problem packages are (default: ${DEFAULT-VALUE})")
    private Path problems = Path.of("problems");

    @Option(
            names = "--slots",
            paramLabel = "NUMBER",
            description = "how many programs run at the same time (default: one per processor)")
    private int slots = Runtime.getRuntime().availableProcessors();

    /// What is done with a judge.
    interface Use {
        /// Does it.
        ///
        /// @param judge open meanwhile
        /// @return the exit status
        int with(SandboxJudge judge) throws InterruptedException;
    }

    /// Opens a judge, and leaves nothing of it.
    int use(Use use) throws IOException, InterruptedException {
        Path artifacts = Files.createTempDirectory("judge-artifacts");
        // Also when somebody presses Ctrl-C.
        Thread removal = new Thread(() -> remove(artifacts));
        Runtime.getRuntime().addShutdownHook(removal);
        try (SandboxJudge judge =
                new SandboxJudge(
                        new JudgeSettings(problems, artifacts, JudgeSettings.ARTIFACTS, slots))) {
            judge.refused().forEach((id, why) -> System.err.printf("no %s: %s%n", id, why));
            judge.languagesOfHost()
                    .missing()
                    .forEach((id, why) -> System.err.printf("no %s: %s%n", id, why));
            return use.with(judge);
        }
    }

    private static void remove(Path artifacts) {
        try (Stream<Path> all = Files.walk(artifacts)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            System.err.printf("cannot remove %s: %s%n", artifacts, e);
        }
    }
}
