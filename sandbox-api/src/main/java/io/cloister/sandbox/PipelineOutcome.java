package io.cloister.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// How a [Pipeline] ended. [PipelineResult] has the outcome of each stage beside it.
public sealed interface PipelineOutcome {

    /// Every stage ended by itself with exit code 0.
    record Completed() implements PipelineOutcome {}

    /// Every stage ended without the pipeline ending it, and not all of them with exit code 0. This
    /// is the one that ended first; what the others did then may follow from that.
    ///
    /// Which one was first is told by the processes that wait for the commands. Two that end within
    /// some microseconds of each other may be told in either order.
    ///
    /// @param stage the stage
    /// @param outcome how it ended
    /// @param consequences what its end meant for the stages that were still running
    record StageEndedFirst(String stage, Outcome outcome, List<Consequence> consequences)
            implements PipelineOutcome {
        /// Copies the list.
        public StageEndedFirst {
            Objects.requireNonNull(stage, "stage");
            Objects.requireNonNull(outcome, "outcome");
            consequences = List.copyOf(consequences);
        }
    }

    /// What the end of one stage means for another, as with a pipe of a shell.
    ///
    /// @param edge the edge between them
    /// @param effect what happens at the end of the stage that still runs
    record Consequence(PipelineEdge edge, Effect effect) {
        /// Refuses null.
        public Consequence {
            Objects.requireNonNull(edge, "edge");
            Objects.requireNonNull(effect, "effect");
        }

        /// {@return the stage that it happens to}
        public String stage() {
            return effect == Effect.END_OF_INPUT ? edge.to() : edge.from();
        }
    }

    /// What a stage notices of the end of another.
    enum Effect {
        /// Once it has read what was written, its reads find the end of the stream.
        END_OF_INPUT,
        /// Its writes get `SIGPIPE`, and fail with `EPIPE` where it ignores that.
        BROKEN_PIPE
    }

    /// All stages that still ran waited for each other, so that nothing could ever happen again;
    /// the pipeline was ended for it.
    ///
    /// This is proven by two looks at all of their threads. In both each thread slept in the same
    /// system call, and it had not run in between. Each of these calls waits for an edge or for
    /// another of these threads, and for no time. So at one moment between the looks all of them
    /// slept, and only one that slept could have woken another; the host had no byte on its way
    /// between them. A stage that computes, sleeps for a time or waits for anything else is not
    /// deadlocked; see [Pipeline.Builder#deadlockAfter(Duration)].
    ///
    /// @param evidence what each thread waited for
    record Deadlocked(List<Evidence> evidence) implements PipelineOutcome {
        /// Copies the list.
        public Deadlocked {
            evidence = List.copyOf(evidence);
        }
    }

    /// A stage wrote more to an edge than its cap; the pipeline was ended for it. What was within
    /// the cap has been passed on.
    ///
    /// @param edge the edge
    /// @param cap its cap
    record EdgeCapExceeded(PipelineEdge edge, Bytes cap) implements PipelineOutcome {
        /// Refuses null.
        public EdgeCapExceeded {
            Objects.requireNonNull(edge, "edge");
            Objects.requireNonNull(cap, "cap");
        }
    }

    /// The caller ended the pipeline: [PipelineRun#cancel()].
    ///
    /// @param after the time since its start
    record Cancelled(Duration after) implements PipelineOutcome {
        /// Refuses null.
        public Cancelled {
            Objects.requireNonNull(after, "after");
        }

        /// With the time, for people.
        @Override
        public String toString() {
            return "Cancelled[after %s]".formatted(Units.showDuration(after));
        }
    }

    /// The thread that waited for the pipeline was interrupted, which ended it. That thread gets an
    /// [InterruptedException]; others see this.
    ///
    /// @param after the time since its start
    record Interrupted(Duration after) implements PipelineOutcome {
        /// Refuses null.
        public Interrupted {
            Objects.requireNonNull(after, "after");
        }

        /// With the time, for people.
        @Override
        public String toString() {
            return "Interrupted[after %s]".formatted(Units.showDuration(after));
        }
    }

    /// {@return whether every stage ended by itself with exit code 0}
    default boolean isSuccess() {
        return this instanceof Completed;
    }
}
