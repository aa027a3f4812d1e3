package io.cloister.samples.cli;

import io.cloister.sandbox.Command;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "The program, looked for inside, and its arguments.")
    private List<String> words = new ArrayList<>();

    /// {@return what is to be run, its streams apart}
    Command command() {
        return Command.of(words);
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
