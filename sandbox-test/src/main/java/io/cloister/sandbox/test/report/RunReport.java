package io.cloister.sandbox.test.report;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.VisibleText;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/// Tells people how a run ended, from what that is known, and what it wrote.
public final class RunReport {

    /// How much of an output is shown of its beginning, and again of its end.
    private static final int SHOWN = 1_000;

    private RunReport() {}

    /// {@return the result in some lines, which hold no control character of the program}
    ///
    /// @param result what to tell
    public static String of(SandboxResult result) {
        return """
        outcome:  %s
        evidence: %s
        usage:    %s
        stdout:   %s
        stderr:   %s\
        """
                .formatted(
                        VisibleText.lines(result.outcome().toString()),
                        result.evidence().isEmpty()
                                ? "none"
                                : result.evidence().stream()
                                        .map(Evidence::toString)
                                        .map(VisibleText::lines)
                                        .collect(Collectors.joining("; ")),
                        usage(result.usage()),
                        output(result.stdout()),
                        output(result.stderr()));
    }

    private static String usage(ResourceUsage usage) {
        return "wall %s, cpu %s, peak memory %s"
                .formatted(
                        Units.showDuration(usage.wallTime()),
                        usage.cpuTime().map(Units::showDuration).orElse("unknown"),
                        usage.peakMemory().map(Bytes::toString).orElse("unknown"));
    }

    private static String output(byte[] bytes) {
        if (bytes.length == 0) {
            return "nothing";
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        String shown =
                text.length() <= 2 * SHOWN
                        ? VisibleText.lines(text)
                        : VisibleText.lines(text.substring(0, SHOWN))
                                + "\n[... %d characters left out ...]\n"
                                        .formatted(text.length() - 2 * SHOWN)
                                + VisibleText.lines(text.substring(text.length() - SHOWN));
        String end = text.endsWith("\n") ? "" : ", without a newline at its end";
        return Bytes.of(bytes.length)
                + end
                + shown.stripTrailing()
                        .indent(4)
                        .replaceAll("(?m)^    ", "    | ")
                        .stripTrailing()
                        .transform(lines -> "\n" + lines);
    }

    /// The text on one line, as it would be written in a program.
    ///
    /// @param text what a program wrote
    /// @return text that is safe to print
    public static String onOneLine(String text) {
        return VisibleText.lines(text).replace("\n", "\\n");
    }
}
