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

import picocli.CommandLine.Model.OptionSpec;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `sandbox learn`.
final class LearnCommand extends CommandOptions {
    private final OptionSpec save =
            file("--save", "FILE", "Where the policy goes, as JSON. Default: standard output.");

    private final OptionSpec java =
            file(
                    "--java",
                    "FILE",
                    "Where to write Java that makes the same policy of system calls.");

    private final OptionSpec test =
            file(
                    "--test",
                    "FILE.java",
                    "Where to write a JUnit test that the command still fits; needs --save.");

    private final OptionSpec runs =
            Options.value(
                            int.class,
                            "--runs",
                            "N",
                            "How often to run the command while watching it. Default: 1.")
                    .defaultValue("1")
                    .build();

    private final OptionSpec unchecked =
            Options.flag("--no-check", "Do not run the command under what was learned.");

    /// Describes it.
    LearnCommand() {
        super("learn");
        self.usageMessage()
                .description(
                        "Run a command, watch its system calls, and write the least policy under"
                                + " which it does the same again: the calls that it made, with the"
                                + " arguments that matter, and the mounts that it touched. Anything"
                                + " else then ends the run.",
                        "Then the command is run once more under that policy, with its output"
                                + " thrown away.")
                .footer(
                        "",
                        "Exit status: 0 if the policy fits; 124 if the second run broke it; else as"
                                + " of run.",
                        "",
                        "Examples:",
                        "  sandbox learn --save policy.json -- python3 -c 'print(6 * 7)'",
                        "  sandbox run --policy policy.json -- python3 -c 'print(6 * 7)'");
        List.of(save, java, test, runs, unchecked).forEach(self::addOption);
    }

    @Override
    public Integer call() {
        Optional<Path> test = Options.given(this.test);
        if (test.isPresent() && !Options.isGiven(save)) {
            console.say(err(), "--test needs --save: the test reads the policy from that file");
            return ExitStatus.USAGE;
        }
        String className = test.map(LearnCommand::className).orElse("Test");
        if (!className.matches("[A-Za-z_$][A-Za-z0-9_$]*")) {
            console.say(err(), "--test: no class can be called " + className);
            return ExitStatus.USAGE;
        }
        try {
            Learned learned = learn();
            LearnedText.of(learned).forEach(line -> console.say(err(), line));
            write(learned);
            return Options.isSet(unchecked)
                    ? ExitStatus.of(learned.result().outcome())
                    : check(learned.policy());
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
                        .stdout(!Options.isGiven(save) ? Output.discard() : Output.inherit())
                        .stderr(Output.inherit());
        int runs = this.runs.getValue();
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
        Optional<Path> save = Options.given(this.save);
        if (save.isEmpty()) {
            out().println(spec.toJson());
            out().flush();
        } else {
            Files.writeString(save.get(), spec.toJson() + "\n");
        }
        Optional<Path> java = Options.given(this.java);
        if (java.isPresent()) {
            Files.writeString(java.get(), learned.javaSource());
        }
        Optional<Path> test = Options.given(this.test);
        if (test.isPresent() && save.isPresent()) {
            Files.writeString(
                    test.get(), learned.testSource(className(test.get()), save.get(), command()));
        }
    }

    private static OptionSpec file(String name, String label, String description) {
        return Options.value(Path.class, name, label, description).build();
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
