package io.cloister.samples.cli;

import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.VisibleText;

import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// The command line `sandbox`.
public final class Main implements Runnable {
    private final CommandSpec self = Options.command("sandbox", this);

    private Main() {
        self.usageMessage()
                .description("Runs untrusted commands in sandboxes.")
                .footer(
                        "",
                        "Examples:",
                        "  sandbox doctor",
                        "  sandbox run -- echo hello",
                        "  sandbox run --wall-time 5s --rw out:/work --workdir /work -- make",
                        "  sandbox shell",
                        "  sandbox bwrap --ro-bind / / --tmpfs /tmp --unshare-all sh",
                        "  sandbox explain -- python3",
                        "  sandbox learn --save policy.json -- python3 app.py",
                        "  sandbox diff policy.json new.json",
                        "",
                        "`sandbox run --help` lists the options of a policy and the exit status.");
        self.addOption(
                        Options.flag(
                                        "Show this help message and exit.",
                                        new String[] {"-h", "--help"})
                                .usageHelp(true)
                                .build())
                .addOption(
                        Options.flag(
                                        "Print version information and exit.",
                                        new String[] {"-V", "--version"})
                                .versionHelp(true)
                                .build())
                .versionProvider(Main::version);
    }

    /// A word behind `sandbox`, in the order of the help.
    private enum Subcommand {
        RUN(() -> new RunCommand().self),
        SHELL(() -> new ShellCommand().self),
        BWRAP(() -> new BwrapCommand().self),
        EXPLAIN(() -> new ExplainCommand().self),
        LEARN(() -> new LearnCommand().self),
        DIFF(() -> new DiffCommand().self),
        DOCTOR(() -> new DoctorCommand().self);

        private final Supplier<CommandSpec> description;

        Subcommand(Supplier<CommandSpec> description) {
            this.description = description;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Runs the command line and exits the JVM.
    ///
    /// @param arguments the words behind `sandbox`
    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals(Subcommand.RUN.word())) {
            Thread.ofPlatform().daemon().name("sandbox-ahead").start(Main::linkAhead);
        }
        System.exit(commandLine(arguments).execute(arguments));
    }

    /// Has the functions of the C library linked while the options are read: asking for the
    /// terminal needs them, and changes nothing.
    private static void linkAhead() {
        try {
            Sandboxes.provider().hostTerminal();
        } catch (RuntimeException | LinkageError e) {
            // The run meets the same, and says it.
        }
    }

    /// {@return the command line, ready to be executed}
    ///
    /// @param arguments what it will be executed with; where they begin with a subcommand, the
    ///   others are not looked at, and left out
    static CommandLine commandLine(String... arguments) {
        List<Subcommand> all = List.of(Subcommand.values());
        List<Subcommand> named =
                arguments.length == 0
                        ? List.of()
                        : all.stream().filter(it -> it.word().equals(arguments[0])).toList();
        CommandSpec command = new Main().self;
        for (Subcommand subcommand : named.isEmpty() ? all : named) {
            command.addSubcommand(subcommand.word(), subcommand.description.get());
        }
        return new CommandLine(command, Options.FACTORY)
                // The words of the command belong to it, whatever they look like.
                .setStopAtPositional(true)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(Main::notUnderstood);
    }

    private static int notUnderstood(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        // An option that is unknown is why the command behind it was not seen.
        String message =
                line.getUnmatchedArguments().stream()
                        .filter(word -> e instanceof MissingParameterException)
                        .findFirst()
                        .map(word -> "Unknown option: '" + word + "'")
                        .or(() -> Optional.ofNullable(e.getMessage()))
                        .orElseGet(e::toString);
        err.println("sandbox: " + VisibleText.line(message.replaceAll("\\R", " ")));
        err.println("Try `" + line.getCommandSpec().qualifiedName() + " --help`.");
        err.flush();
        return ExitStatus.USAGE;
    }

    /// Without a subcommand there is nothing to do.
    @Override
    public void run() {
        throw new ParameterException(
                self.commandLine(),
                "Missing command: run, shell, bwrap, explain, learn, diff or doctor");
    }

    private static String[] version() {
        String version =
                Optional.ofNullable(Main.class.getModule().getDescriptor())
                        .flatMap(descriptor -> descriptor.rawVersion())
                        .orElse("(unknown version)");
        return new String[] {"sandbox " + version};
    }
}
