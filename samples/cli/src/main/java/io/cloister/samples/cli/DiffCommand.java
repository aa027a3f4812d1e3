package io.cloister.samples.cli;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SpecDiff;

import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `sandbox diff`.
@CommandLine.Command(
        name = "diff",
        description = "Show what differs between two policies in JSON, in what a program meets.",
        footer = {
            "",
            "Exit status: 0 if they do the same; 1 if they differ; 125 if one cannot be read.",
            "",
            "Example:",
            "  sandbox diff judge.json judge-new.json"
        })
final class DiffCommand implements Callable<Integer> {
    private static final int DIFFERENT = 1;

    @Spec private CommandSpec self = CommandSpec.create();

    @Mixin private Console console = new Console();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Parameters(index = "0", paramLabel = "BEFORE", description = "A policy.")
    private String before = "";

    @Parameters(index = "1", paramLabel = "AFTER", description = "Another.")
    private String after = "";

    /// Made by picocli, which sets the fields.
    DiffCommand() {}

    @Override
    public Integer call() {
        try {
            SpecDiff diff =
                    SandboxSpec.diff(
                            SandboxSpec.read(MountArgument.hostPath(before)),
                            SandboxSpec.read(MountArgument.hostPath(after)));
            if (diff.isEmpty()) {
                return 0;
            }
            PrintWriter out = self.commandLine().getOut();
            out.println(Printable.lines(diff.toString()));
            out.flush();
            return DIFFERENT;
        } catch (RuntimeException e) {
            console.say(self.commandLine().getErr(), Messages.of(e), e);
            return ExitStatus.SANDBOX;
        }
    }
}
