package io.cloister.samples.cli;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SpecDiff;
import io.cloister.sandbox.VisibleText;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `sandbox diff`.
final class DiffCommand implements Callable<Integer> {
    private static final int DIFFERENT = 1;

    final CommandSpec self = Options.command("diff", this);

    private final Console console = new Console();

    private final PositionalParamSpec before = Options.word(0, "BEFORE", "A policy.");

    private final PositionalParamSpec after = Options.word(1, "AFTER", "Another.");

    /// Describes it.
    DiffCommand() {
        self.usageMessage()
                .description(
                        "Show what differs between two policies in JSON, in what a program meets.")
                .footer(
                        "",
                        "Exit status: 0 if they do the same; 1 if they differ; 125 if one cannot be"
                                + " read.",
                        "",
                        "Example:",
                        "  sandbox diff judge.json judge-new.json");
        console.addTo(self);
        self.addOption(Options.help()).addPositional(before).addPositional(after);
    }

    @Override
    public Integer call() {
        try {
            SpecDiff diff =
                    SandboxSpec.diff(
                            SandboxSpec.read(MountArgument.hostPath(before.getValue())),
                            SandboxSpec.read(MountArgument.hostPath(after.getValue())));
            if (diff.isEmpty()) {
                return 0;
            }
            PrintWriter out = self.commandLine().getOut();
            out.println(VisibleText.lines(diff.toString()));
            out.flush();
            return DIFFERENT;
        } catch (RuntimeException e) {
            console.say(self.commandLine().getErr(), Messages.of(e), e);
            return ExitStatus.SANDBOX;
        }
    }
}
