package io.cloister.samples.cli;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.VisibleText;

import picocli.CommandLine.Model.CommandSpec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `sandbox doctor`.
final class DoctorCommand implements Callable<Integer> {
    private static final int CANNOT_RUN = 1;

    final CommandSpec self = Options.command("doctor", this);

    private final Console console = new Console();

    /// Describes it.
    DoctorCommand() {
        self.usageMessage()
                .description(
                        "Show what this host can enforce, why not, and what would change that.")
                .footer(
                        "",
                        "Exit status: 0 if sandboxes work here; 1 if not; 125 if that is unknown.");
        console.addTo(self);
        self.addOption(Options.help());
    }

    @Override
    public Integer call() {
        try {
            HostReport report = Sandboxes.probe();
            PrintWriter out = self.commandLine().getOut();
            out.println(VisibleText.lines(report.toString()));
            out.println(
                    report.canRun()
                            ? "Sandboxes work here."
                            : "Sandboxes do not work here: see what is missing.");
            out.flush();
            return report.canRun() ? 0 : CANNOT_RUN;
        } catch (RuntimeException | LinkageError e) {
            console.say(self.commandLine().getErr(), Messages.of(e), e);
            return ExitStatus.SANDBOX;
        }
    }
}
