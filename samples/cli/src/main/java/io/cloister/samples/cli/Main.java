package io.cloister.samples.cli;

import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.Optional;

/// The command line `sandbox`.
@CommandLine.Command(
        name = "sandbox",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Runs untrusted commands in sandboxes.",
        subcommands = {
            RunCommand.class,
            ShellCommand.class,
            BwrapCommand.class,
            ExplainCommand.class,
            LearnCommand.class,
            DiffCommand.class,
            DoctorCommand.class
        },
        footer = {
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
            "`sandbox run --help` lists the options of a policy and the exit status."
        })
public final class Main implements Runnable {
    @Spec private CommandSpec self = CommandSpec.create();

    /// Made by [#main(String\[\])], and by tests.
    Main() {}

    /// Runs the command line and exits the JVM.
    ///
    /// @param arguments the words behind `sandbox`
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// {@return the command line, ready to be executed}
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        // What it does not know is bubblewrap's.
        line.getSubcommands().get("bwrap").setStopAtUnmatched(true);
        return line
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
        err.println("sandbox: " + Printable.line(message.replaceAll("\\R", " ")));
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

    /// What `--version` prints.
    static final class Version implements IVersionProvider {
        /// Made by picocli.
        Version() {}

        @Override
        public String[] getVersion() {
            String version =
                    Optional.ofNullable(Main.class.getModule().getDescriptor())
                            .flatMap(descriptor -> descriptor.rawVersion())
                            .orElse("(unknown version)");
            return new String[] {"sandbox " + version};
        }
    }
}
