package io.cloister.samples.plugins.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// The command line of the sample.
@Command(
        name = "plugin-host",
        description = "Runs plugins that nobody trusts, each in a virtual machine of its own.",
        mixinStandardHelpOptions = true,
        subcommands = {DemoCommand.class, BenchCommand.class})
public final class Main {
    private Main() {}

    /// Ends the virtual machine with 0, 1 if something failed, or 2 for wrong arguments.
    ///
    /// @param args a command and its options
    public static void main(String[] args) {
        System.exit(
                new CommandLine(new Main())
                        .setExecutionExceptionHandler((e, commandLine, _) -> {
                            commandLine.getErr().println("plugin-host: " + e.getMessage());
                            return 1;
                        })
                        .execute(args));
    }

    /// What both commands need.
    abstract static class OfBuild implements Callable<Integer> {
        @Option(
                names = "--target",
                paramLabel = "DIRECTORY",
                defaultValue = "${sys:plugin-host.target:-samples/plugin-host/target}",
                description = "what the build has made (default: ${DEFAULT-VALUE})")
        private Path target;

        final Built built() throws IOException {
            return new Built(target.toRealPath());
        }
    }
}
