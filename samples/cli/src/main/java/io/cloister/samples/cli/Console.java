package io.cloister.samples.cli;

import io.cloister.sandbox.VisibleText;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.io.PrintWriter;
import java.io.StringWriter;

/// How much the command line says about itself on standard error.
final class Console {
    private final OptionSpec quiet =
            Options.flag("--quiet", "Say nothing but what is wrong with the command line itself.");

    private final OptionSpec verbose =
            Options.flag("Show where an error came from.", new String[] {"-v", "--verbose"})
                    .build();

    /// Adds them to a command.
    void addTo(CommandSpec command) {
        command.addOption(quiet).addOption(verbose);
    }

    /// One line.
    void say(PrintWriter err, String message) {
        say(err, message, null);
    }

    /// One line, and where the failure came from if that was asked for.
    void say(PrintWriter err, String message, @Nullable Throwable failure) {
        if (Options.isSet(quiet)) {
            return;
        }
        err.println("sandbox: " + VisibleText.line(message));
        if (Options.isSet(verbose) && failure != null) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            err.print(VisibleText.lines(trace.toString().replace("\t", "    ")));
        }
        err.flush();
    }
}
