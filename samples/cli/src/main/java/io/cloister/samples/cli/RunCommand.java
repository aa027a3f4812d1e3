package io.cloister.samples.cli;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/// `sandbox run`.
final class RunCommand extends CommandOptions {

    /// Describes it.
    RunCommand() {
        super("run");
        self.usageMessage()
                .description("Run a command in a sandbox of its own.")
                .footer(
                        "",
                        "Exit status: that of the command; 128 + n if signal n ended it; 124 if a"
                            + " limit was reached or a forbidden system call was made; 125 if the"
                            + " sandbox could not be made or a value was refused; 126 if the"
                            + " command could not be executed; 127 if it was not found; 130 after"
                            + " Ctrl-C; 2 if this command line was not understood.",
                        "",
                        "Examples:",
                        "  sandbox run -- python3 -c 'print(6 * 7)'",
                        "  sandbox run --wall-time 5s --rw out:/work --workdir /work -- make",
                        "  sandbox run --ro . --workdir \"$PWD\" --report report.json -- ls -l",
                        "  sandbox run --policy judge.json --stdin 1.in -- /work/solution",
                        "  sandbox run --oci bundle");
    }

    @Override
    public Integer call() {
        requireCommand();
        Optional<Path> path;
        try {
            path = report();
        } catch (IllegalArgumentException e) {
            return refused("--report: " + Messages.of(e), e);
        }
        if (path.isEmpty()) {
            return run(Optional.empty());
        }
        try (Report report = Report.open(path.get())) {
            return run(Optional.of(report));
        } catch (UncheckedIOException e) {
            return refused(Messages.of(e), e);
        } catch (IOException e) {
            return refused(
                    "--report: cannot write %s: %s".formatted(path.get(), Messages.reason(e)), e);
        }
    }

    private int refused(String message, Throwable failure) {
        console.say(err(), message, failure);
        return ExitStatus.SANDBOX;
    }

    private int run(Optional<Report> report) {
        SandboxSpec spec;
        Sandbox sandbox;
        try {
            spec = policy.spec();
            notHonoured().forEach(line -> console.say(err(), line));
            sandbox = Sandbox.of(spec);
        } catch (RuntimeException | LinkageError e) {
            return failed(report, e);
        }
        try (sandbox;
                Interruption interruption = Interruption.of(sandbox)) {
            SandboxResult result;
            try {
                result = sandbox.run(withStreams());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return interrupted(report);
            } catch (RuntimeException | LinkageError e) {
                if (isBrokenPipe(e)) {
                    // Nobody reads our output any more: as with a shell's pipe, that is no error.
                    report.ifPresent(file -> file.write(Messages.of(e)));
                    return ExitStatus.BROKEN_PIPE;
                }
                return interruption.happened() ? interrupted(report) : failed(report, e);
            }
            return ended(report, result, spec);
        }
    }

    static boolean isBrokenPipe(Throwable failure) {
        return failure.getCause() instanceof IOException io
                && "Broken pipe".equals(io.getMessage());
    }

    private Command withStreams() {
        return command()
                .stdin(stdin().map(Input::file).orElseGet(Input::inherit))
                .stdout(Output.inherit())
                .stderr(Output.inherit());
    }

    private int ended(Optional<Report> report, SandboxResult result, SandboxSpec spec) {
        Messages.of(result.outcome(), spec.limits(), result.evidence())
                .ifPresent(message -> console.say(err(), message));
        if (usage()) {
            UsageText.of(result.usage()).forEach(line -> console.say(err(), line));
        }
        report.ifPresent(file -> file.write(result));
        return ExitStatus.of(result.outcome());
    }

    private int failed(Optional<Report> report, Throwable failure) {
        String message = Messages.of(failure);
        console.say(err(), message, failure);
        report.ifPresent(file -> file.write(message));
        return ExitStatus.of(failure);
    }

    private static int interrupted(Optional<Report> report) {
        report.ifPresent(file -> file.write("interrupted before the command had started"));
        return ExitStatus.INTERRUPTED;
    }
}
