package io.cloister.sandbox;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// How a [Pipeline] ended. Immutable.
public final class PipelineResult {
    private static final int SIGNALLED = 128;

    private final PipelineOutcome outcome;
    private final Map<String, SandboxResult> stages;
    private final List<String> endOrder;
    private final Map<PipelineEdge, OptionalLong> bytes;
    private final Transcript transcript;
    private final Duration wallTime;

    PipelineResult(
            PipelineOutcome outcome,
            Map<String, SandboxResult> stages,
            List<String> endOrder,
            Map<PipelineEdge, OptionalLong> bytes,
            Transcript transcript,
            Duration wallTime) {
        this.outcome = outcome;
        this.stages = Collections.unmodifiableMap(new LinkedHashMap<>(stages));
        this.endOrder = List.copyOf(endOrder);
        this.bytes = Collections.unmodifiableMap(new LinkedHashMap<>(bytes));
        this.transcript = transcript;
        this.wallTime = wallTime;
    }

    /// {@return how the pipeline ended}
    public PipelineOutcome outcome() {
        return outcome;
    }

    /// {@return the results of the stages, in the order in which they were added}
    public Map<String, SandboxResult> stages() {
        return stages;
    }

    /// {@return the result of one stage}
    ///
    /// @param name its name
    /// @throws IllegalArgumentException if there is no such stage
    public SandboxResult stage(String name) {
        SandboxResult result = stages.get(name);
        if (result == null) {
            throw new IllegalArgumentException(
                    "there must be a stage \"%s\", were %s".formatted(name, stages.keySet()));
        }
        return result;
    }

    /// {@return the names of the stages, the one that ended first first}
    public List<String> endOrder() {
        return endOrder;
    }

    /// {@return how many bytes were passed on over each edge; empty for an edge without cap,
    /// transcript and sink, whose bytes nobody counts}
    public Map<PipelineEdge, OptionalLong> bytes() {
        return bytes;
    }

    /// {@return how many bytes were passed on from one stage to another, over all edges between
    /// them; empty if nobody counted them, or there is no such edge}
    ///
    /// @param from the stage that wrote
    /// @param to the stage that read
    public OptionalLong bytes(String from, String to) {
        List<OptionalLong> its =
                bytes.entrySet().stream()
                        .filter(e -> e.getKey().from().equals(from) && e.getKey().to().equals(to))
                        .map(Map.Entry::getValue)
                        .toList();
        return its.isEmpty() || its.stream().anyMatch(OptionalLong::isEmpty)
                ? OptionalLong.empty()
                : OptionalLong.of(its.stream().mapToLong(OptionalLong::getAsLong).sum());
    }

    /// {@return what was kept of the edges that have a transcript}
    public Transcript transcript() {
        return transcript;
    }

    /// {@return the time from the start of the pipeline to the end of its last stage}
    public Duration wallTime() {
        return wallTime;
    }

    /// {@return what a shell with `pipefail` says of a chain: the exit code of the last stage that
    /// did not end with 0, or 0} One that did not exit counts 128 and the number of its signal, or
    /// 137 where the sandbox ended it.
    public int exitCode() {
        int code = 0;
        for (SandboxResult stage : stages.values()) {
            int its =
                    switch (stage.outcome()) {
                        case Outcome.Exited(int exited) -> exited;
                        case Outcome.Signalled(Signal signal) -> SIGNALLED + signal.number();
                        default -> SIGNALLED + Signal.KILL.number();
                    };
            code = its == 0 ? code : its;
        }
        return code;
    }

    /// The outcome and those of the stages, never what they wrote.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("PipelineResult[").append(outcome);
        stages.forEach((name, result) ->
                text.append(", ").append(name).append(": ").append(result.outcome()));
        return text.append(']').toString();
    }
}
