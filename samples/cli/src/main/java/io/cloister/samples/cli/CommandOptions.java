package io.cloister.samples.cli;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.oci.OciConfig;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// What `run` and `explain` take alike, so that one word can be put in place of the other.
abstract class CommandOptions implements Callable<Integer> {
    final PolicyOptions policy = new PolicyOptions();

    private final OptionSpec stdin =
            Options.text(
                    "--stdin",
                    "FILE",
                    "Where standard input comes from. Default: it is passed on.");

    private final OptionSpec report =
            Options.text(
                    "--report",
                    "FILE",
                    "Write to a file, as JSON, how it ended, what it used and what held.");

    private final OptionSpec usage =
            Options.flag("--usage", "Say at the end what the command used.");

    final Console console = new Console();

    private final PositionalParamSpec words =
            Options.words(
                    "The program, looked for inside, and its arguments. With --oci: instead of"
                            + " those of the bundle.");

    final CommandSpec self;

    /// Describes a command.
    ///
    /// @param name how it is called
    CommandOptions(String name) {
        self = Options.command(name, this);
        self.usageMessage()
                .sortOptions(false)
                .customSynopsis("sandbox " + name + " [OPTION]... [--] COMMAND [ARG]...");
        policy.addTo(self);
        List.of(stdin, report, usage).forEach(self::addOption);
        console.addTo(self);
        self.addOption(Options.help()).addPositional(words);
    }

    /// {@return what is to be run, its streams apart}
    Command command() {
        List<String> given = Options.all(words);
        return given.isEmpty()
                ? policy.bundle().map(CommandOptions::onStreams).orElseThrow(this::noCommand)
                : Command.of(given);
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
        if (Options.all(words).isEmpty() && !policy.namesBundle()) {
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
                .filter(bundle ->
                        Options.all(words).isEmpty() && bundle.command().terminal().isPresent())
                .ifPresent(_ ->
                        lines.add(
                                "--oci: process.terminal: the streams are passed on; `sandbox"
                                        + " shell --oci` has a terminal"));
        return lines;
    }

    Optional<Path> stdin() {
        return Options.<String>given(stdin).map(MountArgument::hostPath);
    }

    Optional<Path> report() {
        return Options.<String>given(report).map(MountArgument::hostPath);
    }

    /// {@return whether to say what the command used}
    boolean usage() {
        return Options.isSet(usage);
    }

    PrintWriter out() {
        return self.commandLine().getOut();
    }

    PrintWriter err() {
        return self.commandLine().getErr();
    }
}
