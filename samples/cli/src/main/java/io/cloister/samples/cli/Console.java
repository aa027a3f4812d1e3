package io.cloister.samples.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.io.StringWriter;

/// How much the command line says about itself on standard error.
final class Console {
    @Option(
            names = "--quiet",
            description = "Say nothing but what is wrong with the command line itself.")
    private boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            description = "Show where an error came from.")
    private boolean verbose;

    /// Made by picocli, for each run.
    Console() {}

    /// One line.
    void say(PrintWriter err, String message) {
        say(err, message, null);
    }

    /// One line, and where the failure came from if that was asked for.
    void say(PrintWriter err, String message, @Nullable Throwable failure) {
        if (quiet) {
            return;
        }
        err.println("sandbox: " + Printable.line(message));
        if (verbose && failure != null) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            err.print(Printable.lines(trace.toString()));
        }
        err.flush();
    }
}
