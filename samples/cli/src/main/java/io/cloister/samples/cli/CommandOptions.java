package io.cloister.samples.cli;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.oci.OciConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What `run` and `explain` take alike, so that one word can be put in place of the other.
abstract class CommandOptions {
    @Spec CommandSpec self = CommandSpec.create();

    @Mixin PolicyOptions policy = new PolicyOptions();

    @Option(
            names = "--stdin",
            paramLabel = "FILE",
            description = "Where standard input comes from. Default: it is passed on.")
    private @Nullable String stdin;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write to a file, as JSON, how it ended, what it used and what held.")
    private @Nullable String report;

    @Option(names = "--usage", description = "Say at the end what the command used.")
    private boolean usage;

    @Mixin Console console = new Console();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            description =
                    "The program, looked for inside, and its arguments. With --oci: instead of"
                            + " those of the bundle.")
    private List<String> words = new ArrayList<>();

    /// {@return what is to be run, its streams apart}
    Command command() {
        return words.isEmpty()
                ? policy.bundle().map(CommandOptions::onStreams).orElseThrow(this::noCommand)
                : Command.of(words);
    }

    /// With the streams of the caller in place of a terminal.
    private static Command onStreams(OciConfig bundle) {
        Command command = bundle.command();
        return Command.of(command.program()).args(command.arguments().toArray(String[]::new));
    }

    /// Refuses a command line without a command.
    ///
    /// @throws ParameterException if there is none
    void requireCommand() {
        if (words.isEmpty() && !policy.namesBundle()) {
            throw noCommand();
        }
    }

    private ParameterException noCommand() {
        return new ParameterException(self.commandLine(), "Missing required parameter: 'COMMAND'");
    }

    /// {@return what of the command of a bundle is not done here}
    List<String> notHonoured() {
        List<String> lines = new ArrayList<>(policy.notHonoured());
        policy.bundle()
                .filter(bundle -> words.isEmpty() && bundle.command().terminal().isPresent())
                .ifPresent(_ ->
                        lines.add(
                                "--oci: process.terminal: the streams are passed on; `sandbox"
                                        + " shell --oci` has a terminal"));
        return lines;
    }

    Optional<Path> stdin() {
        return Optional.ofNullable(stdin).map(MountArgument::hostPath);
    }

    Optional<Path> report() {
        return Optional.ofNullable(report).map(MountArgument::hostPath);
    }

    /// {@return whether to say what the command used}
    boolean usage() {
        return usage;
    }

    PrintWriter out() {
        return self.commandLine().getOut();
    }

    PrintWriter err() {
        return self.commandLine().getErr();
    }
}
