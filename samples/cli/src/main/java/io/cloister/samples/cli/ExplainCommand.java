package io.cloister.samples.cli;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.VisibleText;

/// `sandbox explain`.
final class ExplainCommand extends CommandOptions {
    /// Describes it.
    ExplainCommand() {
        super("explain");
        self.usageMessage()
                .description(
                        "Show what run would do with the same options, system call by system call,"
                            + " without doing any of it. --stdin and --report are not looked at.")
                .footer("", "Example:", "  sandbox explain --rw out:/work --workdir /work -- make");
    }

    @Override
    public Integer call() {
        requireCommand();
        try (Sandbox sandbox = Sandbox.of(policy.spec())) {
            notHonoured().forEach(line -> console.say(err(), line));
            out().println(VisibleText.lines(sandbox.explain(command()).stripTrailing()));
            out().flush();
            return 0;
        } catch (RuntimeException | LinkageError e) {
            console.say(err(), Messages.of(e), e);
            return ExitStatus.of(e);
        }
    }
}
