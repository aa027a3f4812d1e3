package io.cloister.samples.cli;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostTerminal;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxTerminal;
import io.cloister.sandbox.TerminalSize;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `sandbox shell`.
final class ShellCommand implements Callable<Integer> {
    private static final String TERM = "TERM";

    /// A shell that edits lines, where there is one.
    private static final List<String> SHELL =
            List.of("sh", "-c", "command -v bash > /dev/null && exec bash; exec sh");

    /// The virtual machine tells nobody of SIGWINCH.
    private static final Duration LOOK_AT_SIZE = Duration.ofMillis(100);

    final CommandSpec self = Options.command("shell", this);

    private final PolicyOptions policy = new PolicyOptions();

    private final OptionSpec usage =
            Options.flag("--usage", "Say at the end what the command used.");

    private final Console console = new Console();

    private final PositionalParamSpec words =
            Options.words("The program, looked for inside, and its arguments. Default: a shell.");

    /// Describes it.
    ShellCommand() {
        self.usageMessage()
                .sortOptions(false)
                .customSynopsis("sandbox shell [OPTION]... [--] [COMMAND [ARG]...]")
                .description(
                        "Run a shell, or another program with a screen, in a sandbox of its own, on"
                            + " a terminal of its own. The terminal of this program passes on what"
                            + " is typed and shown, and its size.",
                        "Time and output have no limit unless an option or a policy sets one.")
                .footer(
                        "",
                        "Exit status: as of run; 2 also if standard input is not a terminal.",
                        "",
                        "Examples:",
                        "  sandbox shell",
                        "  sandbox shell --rw project:/work --workdir /work -- bash --norc");
        policy.addTo(self);
        self.addOption(usage);
        console.addTo(self);
        self.addOption(Options.help()).addPositional(words);
    }

    private PrintWriter err() {
        return self.commandLine().getErr();
    }

    @Override
    public Integer call() {
        SandboxSpec spec;
        Sandbox sandbox;
        HostTerminal terminal;
        try {
            Optional<HostTerminal> found = HostTerminal.ofStandardInput();
            if (found.isEmpty()) {
                err().println(
                                "sandbox: shell needs a terminal on standard input, which is none;"
                                        + " for a command without one there is `sandbox run`");
                err().flush();
                return ExitStatus.USAGE;
            }
            terminal = found.get();
            spec = policy.spec(builder -> builder.unlimitedWallTime().unlimitedOutput());
            policy.notHonoured().forEach(line -> console.say(err(), line));
            sandbox = Sandbox.of(spec);
        } catch (RuntimeException | LinkageError e) {
            return failed(e);
        }
        try (sandbox;
                Interruption interruption = Interruption.of(sandbox)) {
            SandboxResult result;
            try {
                result = run(sandbox, command(spec), terminal);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitStatus.INTERRUPTED;
            } catch (RuntimeException | LinkageError e) {
                return interruption.happened() ? ExitStatus.INTERRUPTED : failed(e);
            }
            Messages.of(result.outcome(), spec.limits(), result.evidence())
                    .ifPresent(message -> console.say(err(), message));
            if (Options.isSet(usage)) {
                UsageText.of(result.usage()).forEach(line -> console.say(err(), line));
            }
            return ExitStatus.of(result.outcome());
        }
    }

    private int failed(Throwable failure) {
        console.say(err(), Messages.of(failure), failure);
        return ExitStatus.of(failure);
    }

    private Command command(SandboxSpec spec) {
        Command command = Command.of(words());
        // What kind of terminal it is only this one knows.
        String kind = Optional.ofNullable(System.getenv(TERM)).orElse("dumb");
        return spec.environment().containsKey(TERM) ? command : command.environment(TERM, kind);
    }

    /// Whatever happens, the terminal is again as it was before anything else is said.
    private static SandboxResult run(Sandbox sandbox, Command command, HostTerminal terminal)
            throws InterruptedException {
        TerminalSize size = terminal.size();
        Command onTerminal = command.terminal(size).stdin(Input.inherit()).stdout(Output.inherit());
        try (var _ = terminal.raw()) {
            SandboxProcess process = sandbox.start(onTerminal);
            Thread.ofVirtual()
                    .name("sandbox-size")
                    .start(() -> passSizeOn(terminal, process.terminal().orElseThrow(), process));
            return process.waitForResult();
        }
    }

    private static void passSizeOn(
            HostTerminal terminal, SandboxTerminal inside, SandboxProcess process) {
        TerminalSize passed = inside.size();
        try {
            while (process.isAlive()) {
                TerminalSize size = terminal.size();
                if (!size.equals(passed)) {
                    inside.resize(size);
                    passed = size;
                }
                Thread.sleep(LOOK_AT_SIZE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What was given, or stands in the bundle, or a shell.
    private List<String> words() {
        return Options.all(words).isEmpty()
                ? policy.bundle()
                        .map(bundle -> {
                            List<String> all = new ArrayList<>(List.of(bundle.command().program()));
                            all.addAll(bundle.command().arguments());
                            return all;
                        })
                        .orElse(SHELL)
                : Options.all(words);
    }
}
