package io.cloister.samples.judge.verdict;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.VisibleText;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// What a verdict is made of: the end of a run, and nothing that needs a sandbox to be made.
///
/// @param outcome how the program ended
/// @param cpuTime its processor time
/// @param wallTime the time from its start to its end
/// @param memory the most memory that it used
/// @param evidence the decisive observation; empty without any
/// @param words the first and the last line that it wrote to standard error, for people
public record Ending(
        Outcome outcome,
        Duration cpuTime,
        Duration wallTime,
        Bytes memory,
        String evidence,
        String words) {
    private static final int SHOWN = 120;

    /// Bytes at each end.
    private static final int SEARCHED = 4096;

    /// {@return the end of a run}
    ///
    /// @param result what the sandbox says of it
    public static Ending of(SandboxResult result) {
        ResourceUsage usage = result.usage();
        return new Ending(
                result.outcome(),
                usage.cpuTime().orElse(Duration.ZERO),
                usage.wallTime(),
                usage.peakMemory().orElse(Bytes.of(0)),
                result.evidence().isEmpty() ? "" : result.evidence().getFirst().toString(),
                words(result.stderr()));
    }

    /// Python says last what is wrong, and Java first. Between them there may be millions of lines.
    static String words(byte[] errors) {
        String start = text(errors, 0, Math.min(errors.length, SEARCHED));
        String end = text(errors, Math.max(0, errors.length - SEARCHED), errors.length);
        String first = start.strip().lines().findFirst().orElse("");
        String last = end.strip().lines().reduce("", (_, line) -> line);
        boolean isOne = errors.length <= SEARCHED && start.strip().lines().count() <= 1;
        return isOne || last.isEmpty() ? shown(first) : shown(first) + " ... " + shown(last);
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static String shown(String line) {
        return VisibleText.line(line.strip(), SHOWN);
    }
}
