package io.cloister.sandbox.test.assertions;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.test.report.RunReport;

import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Assertions on how a run ended. Each failure tells the outcome, from what it is known, the usage,
/// and the beginning and the end of both outputs.
///
/// Outputs are compared as UTF-8. Not thread-safe, as all assertions.
public final class SandboxResultAssert extends AbstractAssert<SandboxResultAssert, SandboxResult> {

    SandboxResultAssert(SandboxResult actual) {
        super(actual, SandboxResultAssert.class);
    }

    /// Expects that the command ended by itself with this exit code.
    ///
    /// @param code the exit code, 0 to 255
    /// @return these assertions
    public SandboxResultAssert exitedWith(int code) {
        return ended(result().outcome().equals(new Outcome.Exited(code)), "exit code " + code);
    }

    /// Expects that the command ended by itself with exit code 0.
    ///
    /// @return these assertions
    public SandboxResultAssert succeeded() {
        return exitedWith(0);
    }

    /// Expects that a signal ended the command that the sandbox did not send.
    ///
    /// @param signal the signal
    /// @return these assertions
    public SandboxResultAssert diedOf(Signal signal) {
        return ended(
                result().outcome().equals(new Outcome.Signalled(signal)), "death by " + signal);
    }

    /// Expects that the run ended for this limit.
    ///
    /// @param limit the limit
    /// @return these assertions
    public SandboxResultAssert wasKilledBy(Limit limit) {
        return ended(
                result().outcome().equals(new Outcome.LimitReached(limit)),
                "the end by limit " + limit);
    }

    /// Expects that the run ended for a forbidden system call.
    ///
    /// @param call its name, such as `mkdir`, or name and argument as the outcome has them, such as
    ///   `socket(arg0 = 0x28)`
    /// @return these assertions
    public SandboxResultAssert violated(String call) {
        boolean so =
                result().outcome() instanceof Outcome.PolicyViolated(String made)
                        && (made.equals(call) || made.startsWith(call + "("));
        return ended(so, "the end by forbidden call " + call);
    }

    /// Expects that the caller ended the run.
    ///
    /// @return these assertions
    public SandboxResultAssert wasCancelled() {
        return ended(result().outcome() instanceof Outcome.Cancelled, "a cancelled run");
    }

    /// Expects exactly this text on standard output, with each newline.
    ///
    /// @param text the whole output
    /// @return these assertions
    public SandboxResultAssert printed(String text) {
        return wrote("standard output", result().stdoutText(), text);
    }

    /// Expects these lines on standard output and no others. Whether the last one ends with a
    /// newline makes no difference.
    ///
    /// @param lines the lines, without their ends
    /// @return these assertions
    public SandboxResultAssert printedLines(String... lines) {
        List<String> expected = List.of(lines);
        List<String> printed = result().stdoutText().lines().toList();
        if (!printed.equals(expected)) {
            throw failure(
                    "the lines "
                            + expected.stream()
                                    .map(SandboxResultAssert::quoted)
                                    .collect(Collectors.joining(", "))
                            + " on standard output");
        }
        return this;
    }

    /// Expects that nothing is on standard output.
    ///
    /// @return these assertions
    public SandboxResultAssert printedNothing() {
        return wrote("standard output", result().stdoutText(), "");
    }

    /// Expects that each of these texts is somewhere on standard output.
    ///
    /// @param parts the texts, at least one
    /// @return these assertions
    public SandboxResultAssert printedContaining(String... parts) {
        requireSome("printedContaining", parts.length);
        return contains("standard output", result().stdoutText(), parts);
    }

    /// Expects exactly this text on standard error, with each newline.
    ///
    /// @param text the whole output
    /// @return these assertions
    public SandboxResultAssert complained(String text) {
        return wrote("standard error", result().stderrText(), text);
    }

    /// Expects that nothing is on standard error.
    ///
    /// @return these assertions
    public SandboxResultAssert complainedNothing() {
        return wrote("standard error", result().stderrText(), "");
    }

    /// Expects that each of these texts is somewhere on standard error.
    ///
    /// @param parts the texts, at least one
    /// @return these assertions
    public SandboxResultAssert complainedContaining(String... parts) {
        requireSome("complainedContaining", parts.length);
        return contains("standard error", result().stderrText(), parts);
    }

    /// {@return assertions of AssertJ on standard output}
    public AbstractStringAssert<?> stdout() {
        return Assertions.assertThat(result().stdoutText())
                .as("standard output of%n%s", RunReport.of(actual));
    }

    /// {@return assertions of AssertJ on standard error}
    public AbstractStringAssert<?> stderr() {
        return Assertions.assertThat(result().stderrText())
                .as("standard error of%n%s", RunReport.of(actual));
    }

    /// Expects that at no time all its processes together had this much memory. Fails where the
    /// host cannot tell.
    ///
    /// @param memory more than the peak
    /// @return these assertions
    public SandboxResultAssert usedLessThan(Bytes memory) {
        Optional<Bytes> peak = result().usage().peakMemory();
        return ended(
                peak.filter(used -> used.compareTo(memory) < 0).isPresent(),
                "less than " + memory + " of memory" + unknown(peak));
    }

    /// Expects that all its processes together had less processor time. Fails where the host cannot
    /// tell.
    ///
    /// @param time more than the processor time
    /// @return these assertions
    public SandboxResultAssert usedLessCpuThan(Duration time) {
        Optional<Duration> used = result().usage().cpuTime();
        return ended(
                used.filter(cpu -> cpu.compareTo(time) < 0).isPresent(),
                "less than " + Units.showDuration(time) + " of processor time" + unknown(used));
    }

    /// Expects that it took less time, from the start of the command to its end.
    ///
    /// @param time more than the wall time
    /// @return these assertions
    public SandboxResultAssert tookLessThan(Duration time) {
        return ended(
                result().usage().wallTime().compareTo(time) < 0,
                "an end in less than " + Units.showDuration(time));
    }

    /// Expects that these limits were kept, by whatever means, for the command or for its whole
    /// session.
    ///
    /// @param limits the limits, at least one
    /// @return these assertions
    public SandboxResultAssert enforced(Limit... limits) {
        requireSome("enforced", limits.length);
        return enforced(
                Arrays.stream(limits).map(SandboxResultAssert::item).toArray(String[]::new));
    }

    /// Expects that these items of the policy held, such as `net`, `systemCalls` or `memory`; see
    /// [Enforcement#holds()].
    ///
    /// @param items the items, at least one
    /// @return these assertions
    public SandboxResultAssert enforced(String... items) {
        requireSome("enforced", items.length);
        List<String> missing =
                Arrays.stream(items)
                        .filter(item -> result().enforced().stream().noneMatch(e -> holds(e, item)))
                        .toList();
        if (!missing.isEmpty()) {
            throw failure(
                    "%s to be enforced, which was not, of%n%s"
                            .formatted(String.join(", ", missing), enforcements()));
        }
        return this;
    }

    /// Expects that an item of the policy held with this value, such as `memory` with `64 MiB`.
    ///
    /// @param item the item
    /// @param value its value as [Enforcement#value()] has it
    /// @return these assertions
    public SandboxResultAssert enforcedAs(String item, String value) {
        boolean so =
                result().enforced().stream()
                        .anyMatch(e -> holds(e, item) && e.value().equals(value));
        if (!so) {
            throw failure(
                    "%s %s to be enforced, which was not, of%n%s"
                            .formatted(item, value, enforcements()));
        }
        return this;
    }

    /// Expects that what the command declared by [io.cloister.sandbox.Command#collect(String,
    /// java.nio.file.Path)] was copied out.
    ///
    /// @param inside the paths inside, at least one
    /// @return these assertions
    public SandboxResultAssert collected(String... inside) {
        requireSome("collected", inside.length);
        for (String path : inside) {
            CollectedFiles files = result().outputs().get(SandboxPath.of(path));
            if (files == null) {
                throw failure(path + " among what is collected, which has " + actual.outputs());
            }
            if (files instanceof CollectedFiles.Missing(var cause)) {
                throw failure(path + " to be collected, but " + cause.getMessage());
            }
        }
        return this;
    }

    private static String item(Limit limit) {
        return switch (limit) {
            case CPU_TIME -> "cpuTime";
            case WALL_TIME -> "wallTime";
            case MEMORY -> "memory";
            case PIDS -> "pids";
            case OUTPUT -> "output";
            case DISK -> "rlimit FSIZE";
            case IDLE -> "idleTime";
        };
    }

    private static boolean holds(Enforcement enforcement, String item) {
        String named = enforcement.item();
        return enforcement.holds()
                && (named.equalsIgnoreCase(item) || named.equalsIgnoreCase("session " + item));
    }

    private String enforcements() {
        return actual.enforced().isEmpty()
                ? "  nothing"
                : actual.enforced().stream().map(e -> "  " + e).collect(Collectors.joining("\n"));
    }

    private SandboxResult result() {
        isNotNull();
        return actual;
    }

    /// What expects nothing would pass whatever happened.
    private static void requireSome(String assertion, int count) {
        if (count == 0) {
            throw new IllegalArgumentException(
                    assertion + "(...) needs something to expect, was without any");
        }
    }

    private SandboxResultAssert ended(boolean so, String expected) {
        if (!so) {
            throw failure(expected);
        }
        return this;
    }

    private SandboxResultAssert wrote(String stream, String text, String expected) {
        if (!text.equals(expected)) {
            String hint =
                    text.stripTrailing().equals(expected.stripTrailing())
                            ? " (only the white space at the end differs; see printedLines)"
                            : "";
            throw failure(
                    (expected.isEmpty() ? "nothing" : quoted(expected)) + " on " + stream + hint);
        }
        return this;
    }

    private SandboxResultAssert contains(String stream, String text, String... parts) {
        for (String part : parts) {
            if (!text.contains(part)) {
                throw failure(quoted(part) + " somewhere on " + stream);
            }
        }
        return this;
    }

    private static String unknown(Optional<?> amount) {
        return amount.isPresent() ? "" : ", which this host does not tell";
    }

    private static String quoted(String text) {
        return '"' + RunReport.onOneLine(text) + '"';
    }

    private AssertionError failure(String expected) {
        return failure("expected %s%n%s", expected, RunReport.of(actual));
    }
}
