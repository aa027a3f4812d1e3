package io.cloister.samples.cli;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.learn.Learned;
import io.cloister.sandbox.learn.Learning;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `sandbox learn`.
@CommandLine.Command(
        name = "learn",
        sortOptions = false,
        customSynopsis = "sandbox learn [OPTION]... [--] COMMAND [ARG]...",
        description = {
            "Run a command, watch its system calls, and write the least policy under which it does"
                    + " the same again: the calls that it made, with the arguments that matter, and"
                    + " the mounts that it touched. Anything else then ends the run.",
            "Then the command is run once more under that policy, with its output thrown away."
        },
        footer = {
            "",
            "Exit status: 0 if the policy fits; 124 if the second run broke it; else as of run.",
            "",
            "Examples:",
            "  sandbox learn --save policy.json -- python3 -c 'print(6 * 7)'",
            "  sandbox run --policy policy.json -- python3 -c 'print(6 * 7)'"
        })
final class LearnCommand extends CommandOptions implements Callable<Integer> {
    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Where the policy goes, as JSON. Default: standard output.")
    private @Nullable Path save;

    @Option(
            names = "--java",
            paramLabel = "FILE",
            description = "Where to write Java that makes the same policy of system calls.")
    private @Nullable Path java;

    @Option(
            names = "--test",
            paramLabel = "FILE.java",
            description = "Where to write a JUnit test that the command still fits; needs --save.")
    private @Nullable Path test;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "1",
            description = "How often to run the command while watching it. Default: 1.")
    private int runs = 1;

    @Option(names = "--no-check", description = "Do not run the command under what was learned.")
    private boolean unchecked;

    /// Made by picocli, which sets the fields.
    LearnCommand() {}

    @Override
    public Integer call() {
        if (test != null && save == null) {
            console.say(err(), "--test needs --save: the test reads the policy from that file");
            return ExitStatus.USAGE;
        }
        if (test != null && !className(test).matches("[A-Za-z_$][A-Za-z0-9_$]*")) {
            console.say(err(), "--test: no class can be called " + className(test));
            return ExitStatus.USAGE;
        }
        try {
            Learned learned = learn();
            LearnedText.of(learned).forEach(line -> console.say(err(), line));
            write(learned);
            return unchecked ? ExitStatus.of(learned.result().outcome()) : check(learned.policy());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.INTERRUPTED;
        } catch (IOException e) {
            String file =
                    e instanceof FileSystemException f ? f.getFile() + ": " : "what was learned: ";
            console.say(err(), "cannot write " + file + Messages.reason(e), e);
            return ExitStatus.SANDBOX;
        } catch (RuntimeException | LinkageError e) {
            console.say(err(), Messages.of(e), e);
            return ExitStatus.of(e);
        }
    }

    private Learned learn() throws InterruptedException {
        Command command =
                command()
                        .stdin(stdin().map(Input::file).orElseGet(Input::inherit))
                        // What is written on standard output is the policy, unless it has a file.
                        .stdout(save == null ? Output.discard() : Output.inherit())
                        .stderr(Output.inherit());
        if (runs < 1) {
            throw new IllegalArgumentException("--runs must be at least 1, was " + runs);
        }
        Learning learning = Learning.of(policy.spec());
        Learned learned = learning.learn(command);
        for (int run = 1; run < runs; run++) {
            learned = learned.and(learning.learn(command));
        }
        return learned;
    }

    private void write(Learned learned) throws IOException {
        SandboxSpec spec = learned.policy();
        if (save == null) {
            out().println(spec.toJson());
            out().flush();
        } else {
            Files.writeString(save, spec.toJson() + "\n");
        }
        if (java != null) {
            Files.writeString(java, learned.javaSource());
        }
        if (test != null && save != null) {
            Files.writeString(test, learned.testSource(className(test), save, command()));
        }
    }

    private static String className(Path file) {
        return file.getFileName().toString().replaceAll("\\.java$", "");
    }

    /// The input of the watched run may be used up; a file is read anew.
    private int check(SandboxSpec spec) throws InterruptedException {
        Command again =
                command()
                        .stdin(stdin().map(Input::file).orElseGet(Input::empty))
                        .stdout(Output.discard())
                        .stderr(Output.discard());
        try (Sandbox sandbox = Sandbox.of(spec)) {
            SandboxResult result = sandbox.run(again);
            Optional<String> ended =
                    Messages.of(result.outcome(), spec.limits(), result.evidence());
            if (result.outcome() instanceof Outcome.PolicyViolated) {
                console.say(err(), "the policy does not fit a second run; try --runs 5");
            }
            console.say(
                    err(),
                    "under the learned policy: "
                            + ended.orElse("exit code " + ExitStatus.of(result.outcome())));
            return ExitStatus.of(result.outcome());
        }
    }
}
