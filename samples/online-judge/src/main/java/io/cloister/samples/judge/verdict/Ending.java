package io.cloister.samples.judge.verdict;

import io.cloister.samples.judge.text.Shown;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxResult;

import java.time.Duration;
import java.util.List;

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
                words(result.stderrText()));
    }

    /// Python says last what is wrong, and Java first.
    private static String words(String errors) {
        List<String> lines = errors.lines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            return "";
        }
        String first = Shown.line(lines.getFirst().strip(), SHOWN);
        return lines.size() == 1
                ? first
                : first + " ... " + Shown.line(lines.getLast().strip(), SHOWN);
    }
}
