package io.cloister.samples.cli;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.bubblewrap.BubblewrapCaller;
import io.cloister.sandbox.bubblewrap.BubblewrapCommand;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UnmatchedArgsBinding;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Callable;

/// `sandbox bwrap`.
final class BwrapCommand implements Callable<Integer> {
    final CommandSpec self = Options.command("bwrap", this);

    private final LimitOptions limits = new LimitOptions();

    private final SyscallOptions syscalls = new SyscallOptions();

    private final OptionSpec printPolicy =
            Options.flag(
                    "--print-policy",
                    "Print the policy as JSON, for `sandbox run --policy`, and run nothing.");

    private final Console console = new Console();

    private List<String> words = List.of();

    /// Describes it.
    BwrapCommand() {
        self.usageMessage()
                .sortOptions(false)
                .customSynopsis(
                        "sandbox bwrap [OPTION]... BUBBLEWRAP-OPTION... [--] COMMAND [ARG]...")
                .description(
                        "Run a command line of bubblewrap (bwrap). Options of this program stand in"
                            + " front; from the first other word on all belongs to bubblewrap. What"
                            + " is not honoured is said.")
                .footer(
                        "",
                        "Exit status: as of run.",
                        "",
                        "Examples:",
                        "  sandbox bwrap --ro-bind / / --tmpfs /tmp --unshare-all sh",
                        "  sandbox bwrap --memory 2g --ro-bind / / --tmpfs /tmp --unshare-pid --"
                                + " make",
                        "  sandbox bwrap --print-policy --ro-bind / / --unshare-all true >"
                                + " policy.json");
        limits.addTo(self);
        syscalls.addTo(self);
        self.addOption(printPolicy);
        console.addTo(self);
        self.addOption(Options.help());
        self.parser().stopAtUnmatched(true);
        self.addUnmatchedArgsBinding(
                UnmatchedArgsBinding.forStringArrayConsumer(
                        new ISetter() {
                            @Override
                            public <T> T set(T value) {
                                // None, before the words are read.
                                words = value instanceof String[] some ? List.of(some) : List.of();
                                return value;
                            }
                        }));
    }

    private PrintWriter err() {
        return self.commandLine().getErr();
    }

    @Override
    public Integer call() {
        BubblewrapCommand line;
        SandboxSpec spec;
        Sandbox sandbox;
        try {
            line = BubblewrapCommand.parse(words, BubblewrapCaller.thisProcess());
            Sandbox.Builder builder = line.builder();
            limits.apply(builder);
            syscalls.apply(builder);
            spec = builder.spec();
            line.notHonoured().forEach(text -> console.say(err(), text));
            if (Options.isSet(printPolicy)) {
                PrintWriter out = self.commandLine().getOut();
                out.println(spec.toJson());
                out.flush();
                return 0;
            }
            sandbox = Sandbox.of(spec);
        } catch (RuntimeException | LinkageError e) {
            return failed(e);
        }
        try (sandbox;
                StatusDescriptors descriptors = StatusDescriptors.of(line.supervision())) {
            if (line.supervision().diesWithParent()) {
                ProcessHandle.current()
                        .parent()
                        .ifPresent(parent -> parent.onExit().thenRun(sandbox::close));
            }
            // Nothing runs yet, so a signal simply ends this program while it waits.
            descriptors.block();
            return runUntilInterrupted(sandbox, spec, line.command(), descriptors);
        } catch (IOException e) {
            return failed(new UncheckedIOException("cannot write how the command fares", e));
        } catch (RuntimeException | LinkageError e) {
            return failed(e);
        }
    }

    private int runUntilInterrupted(
            Sandbox sandbox, SandboxSpec spec, Command command, StatusDescriptors descriptors)
            throws IOException {
        try (Interruption interruption = Interruption.of(sandbox)) {
            try {
                return run(sandbox, spec, command, descriptors);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitStatus.INTERRUPTED;
            } catch (RuntimeException | LinkageError e) {
                if (RunCommand.isBrokenPipe(e)) {
                    return ExitStatus.BROKEN_PIPE;
                }
                return interruption.happened() ? ExitStatus.INTERRUPTED : failed(e);
            }
        }
    }

    private int run(
            Sandbox sandbox, SandboxSpec spec, Command command, StatusDescriptors descriptors)
            throws InterruptedException, IOException {
        SandboxProcess process =
                sandbox.start(
                        command.stdin(Input.inherit())
                                .stdout(Output.inherit())
                                .stderr(Output.inherit()));
        descriptors.started(process.pid());
        SandboxResult result = process.waitForResult();
        int status = ExitStatus.of(result.outcome());
        descriptors.ended(status);
        Messages.of(result.outcome(), spec.limits(), result.evidence())
                .ifPresent(message -> console.say(err(), message));
        return status;
    }

    private int failed(Throwable failure) {
        console.say(err(), Messages.of(failure), failure);
        return ExitStatus.of(failure);
    }
}
