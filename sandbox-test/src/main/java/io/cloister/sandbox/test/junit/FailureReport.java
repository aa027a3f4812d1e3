package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.test.report.RunReport;

import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Adds to a failure what was run.
final class FailureReport {
    private FailureReport() {}

    /// What is thrown on, which tells of the runs.
    static Throwable of(Throwable failure, WatchedProvider provider) {
        String message = String.valueOf(failure.getMessage());
        String told = told(provider, message);
        if (told.isEmpty() || failure instanceof TestAbortedException) {
            return failure;
        }
        if (!(failure instanceof AssertionError)) {
            failure.addSuppressed(new WhatWasRun(told));
            return failure;
        }
        String longer = message + "\n" + told;
        AssertionError error =
                failure instanceof AssertionFailedError known
                                && known.isExpectedDefined()
                                && known.isActualDefined()
                        ? new AssertionFailedError(
                                longer, known.getExpected(), known.getActual(), failure.getCause())
                        : new AssertionFailedError(longer, failure.getCause());
        error.setStackTrace(failure.getStackTrace());
        for (Throwable suppressed : failure.getSuppressed()) {
            error.addSuppressed(suppressed);
        }
        return error;
    }

    /// The runs, without those of which the message tells already.
    private static String told(WatchedProvider provider, String message) {
        List<String> lines = new ArrayList<>();
        if (provider.forgotten() > 0) {
            lines.add("%d earlier runs are left out".formatted(provider.forgotten()));
        }
        for (WatchedProvider.WatchedRun run : provider.runs()) {
            String end = end(run.process());
            lines.add(
                    "run of %s%s"
                            .formatted(
                                    words(run.command()),
                                    message.contains(end) ? ": see above" : "\n" + end));
        }
        return lines.isEmpty() ? "" : String.join("\n", lines).indent(2).stripTrailing();
    }

    private static String end(SandboxProcess process) {
        CompletableFuture<SandboxResult> result = process.onResult();
        if (!isOver(process)) {
            return "it is still running";
        }
        return result.handle((known, failure) ->
                        known == null ? "it failed: " + failure : RunReport.of(known))
                .join();
    }

    /// The exit value is there when a caller has the result; the future may be a moment later.
    private static boolean isOver(SandboxProcess process) {
        try {
            process.exitValue();
            return true;
        } catch (IllegalThreadStateException e) {
            return false;
        }
    }

    private static String words(Command command) {
        List<String> words = new ArrayList<>();
        words.add(command.program());
        words.addAll(command.arguments());
        String line = RunReport.onOneLine(String.join(" ", words));
        return line.length() > 200 ? line.substring(0, 200) + "..." : line;
    }

    /// What was run before an exception that is no failed assertion. It has no stack trace, since
    /// nothing was thrown.
    private static final class WhatWasRun extends Exception {
        private static final long serialVersionUID = 1L;

        private WhatWasRun(String told) {
            super("before it there were\n" + told, null, false, false);
        }
    }
}
