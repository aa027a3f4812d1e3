package io.cloister.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// How a run ended, what it used, and what it wrote to captured streams. Immutable.
public final class SandboxResult {
    private final Outcome outcome;
    private final ResourceUsage usage;
    private final byte[] stdout;
    private final byte[] stderr;
    private final List<Enforcement> enforced;
    private final List<Evidence> evidence;
    private final Map<SandboxPath, CollectedFiles> outputs;

    private SandboxResult(
            Outcome outcome,
            ResourceUsage usage,
            byte[] stdout,
            byte[] stderr,
            List<Enforcement> enforced,
            List<Evidence> evidence,
            Map<SandboxPath, CollectedFiles> outputs) {
        this.outcome = Objects.requireNonNull(outcome, "outcome");
        this.usage = Objects.requireNonNull(usage, "usage");
        this.stdout = Objects.requireNonNull(stdout, "stdout");
        this.stderr = Objects.requireNonNull(stderr, "stderr");
        this.enforced = List.copyOf(enforced);
        this.evidence = List.copyOf(evidence);
        this.outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }

    /// Makes a result. For providers.
    ///
    /// @param outcome how the command ended
    /// @param usage what the run used
    /// @param stdout what was captured of standard output; the array is taken over, not copied
    /// @param stderr what was captured of standard error; the array is taken over, not copied
    /// @param enforced what of the policy really held
    /// @param evidence what the outcome was derived from
    /// @return the result
    public static SandboxResult of(
            Outcome outcome,
            ResourceUsage usage,
            byte[] stdout,
            byte[] stderr,
            List<Enforcement> enforced,
            List<Evidence> evidence) {
        return new SandboxResult(outcome, usage, stdout, stderr, enforced, evidence, Map.of());
    }

    /// {@return this result with what was copied out of the sandbox} For providers.
    ///
    /// @param outputs paths inside to what came of them
    public SandboxResult withOutputs(Map<SandboxPath, CollectedFiles> outputs) {
        return new SandboxResult(outcome, usage, stdout, stderr, enforced, evidence, outputs);
    }

    /// {@return how the command ended}
    public Outcome outcome() {
        return outcome;
    }

    /// {@return what the run used}
    public ResourceUsage usage() {
        return usage;
    }

    /// {@return a copy of what the program wrote to standard output; empty unless it was captured}
    ///
    /// These are bytes of an untrusted program: escape them before they go to a terminal or a log.
    public byte[] stdout() {
        return stdout.clone();
    }

    /// {@return a copy of what the program wrote to standard error; empty unless it was captured}
    ///
    /// These are bytes of an untrusted program: escape them before they go to a terminal or a log.
    public byte[] stderr() {
        return stderr.clone();
    }

    /// {@return [#stdout()] as UTF-8; each malformed sequence becomes U+FFFD}
    public String stdoutText() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /// {@return [#stderr()] as UTF-8; each malformed sequence becomes U+FFFD}
    public String stderrText() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /// {@return what of the policy really held during this run, and by which means}
    public List<Enforcement> enforced() {
        return enforced;
    }

    /// {@return what the outcome was derived from, the decisive observation first}
    public List<Evidence> evidence() {
        return evidence;
    }

    /// {@return what was copied out of the sandbox at the end, or why not: one for each
    /// [Command#collect(OutputFiles)], in that order}
    ///
    /// What a program has written is as hostile as the program: follow no link in it, execute
    /// nothing, escape names.
    public Map<SandboxPath, CollectedFiles> outputs() {
        return outputs;
    }

    /// The outcome, the times and the sizes of the captured output, never its contents.
    @Override
    public String toString() {
        return "SandboxResult[%s, wall %s, cpu %s, stdout %s, stderr %s]"
                .formatted(
                        outcome,
                        Units.showDuration(usage.wallTime()),
                        usage.cpuTime().map(Units::showDuration).orElse("unknown"),
                        Bytes.of(stdout.length),
                        Bytes.of(stderr.length));
    }
}
