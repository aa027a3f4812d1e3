package io.cloister.sandbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Says how a pipeline ended, from what was observed. Pure.
final class PipelineEnd {
    private PipelineEnd() {}

    /// A stage that has ended.
    ///
    /// @param stage its name
    /// @param outcome how
    /// @param at when, on one clock for all
    record Ended(String stage, Outcome outcome, long at) {}

    /// Why the host ended a pipeline.
    sealed interface Stop {
        /// More than the cap was written.
        record Cap(PipelineEdge edge, Bytes cap) implements Stop {}

        /// All wait for each other.
        record Standstill(List<Evidence> evidence) implements Stop {}

        /// The caller wants it.
        record Caller(Duration after) implements Stop {}

        /// The waiting thread was interrupted.
        record Interrupt(Duration after) implements Stop {}
    }

    /// The stages as they ended, the first one first; those of one instant as they were given.
    static List<Ended> inOrder(List<Ended> ended) {
        return ended.stream().sorted(Comparator.comparingLong(Ended::at)).toList();
    }

    /// Why the pipeline was ended comes first, since that is the host's own record. It is there
    /// only if a stage still ran then, or had written too much.
    static PipelineOutcome outcome(
            List<Ended> inOrder, List<PipelineEdge> edges, Optional<Stop> stop) {
        if (stop.isPresent()) {
            return switch (stop.get()) {
                case Stop.Cap(var edge, var cap) -> new PipelineOutcome.EdgeCapExceeded(edge, cap);
                case Stop.Standstill(var evidence) -> new PipelineOutcome.Deadlocked(evidence);
                case Stop.Caller(var after) -> new PipelineOutcome.Cancelled(after);
                case Stop.Interrupt(var after) -> new PipelineOutcome.Interrupted(after);
            };
        }
        if (inOrder.stream().allMatch(ended -> ended.outcome().isSuccess())) {
            return new PipelineOutcome.Completed();
        }
        Ended first = inOrder.getFirst();
        Set<String> running = new HashSet<>();
        inOrder.forEach(ended -> running.add(ended.stage()));
        running.remove(first.stage());
        List<PipelineOutcome.Consequence> consequences = new ArrayList<>();
        for (PipelineEdge edge : edges) {
            if (edge.from().equals(first.stage()) && running.contains(edge.to())) {
                consequences.add(
                        new PipelineOutcome.Consequence(edge, PipelineOutcome.Effect.END_OF_INPUT));
            } else if (edge.to().equals(first.stage()) && running.contains(edge.from())) {
                consequences.add(
                        new PipelineOutcome.Consequence(edge, PipelineOutcome.Effect.BROKEN_PIPE));
            }
        }
        return new PipelineOutcome.StageEndedFirst(first.stage(), first.outcome(), consequences);
    }
}
