package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.PipelineEnd.Ended;
import io.cloister.sandbox.PipelineEnd.Stop;
import io.cloister.sandbox.PipelineOutcome.Consequence;
import io.cloister.sandbox.PipelineOutcome.Effect;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Which outcome follows from what was observed.
class PipelineEndTest {
    private static final PipelineEdge THERE = new PipelineEdge("a", 1, "b", 0);
    private static final PipelineEdge BACK = new PipelineEdge("b", 1, "a", 0);
    private static final List<PipelineEdge> EDGES = List.of(THERE, BACK);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Ended A_OK = new Ended("a", new Outcome.Exited(0), 10);
    private static final Ended B_OK = new Ended("b", new Outcome.Exited(0), 20);

    private static PipelineOutcome outcome(List<Ended> ended, Optional<Stop> stop) {
        return PipelineEnd.outcome(PipelineEnd.inOrder(ended), EDGES, stop);
    }

    @Test
    void allWithZeroIsCompleted() {
        assertThat(outcome(List.of(B_OK, A_OK), Optional.empty()))
                .isEqualTo(new PipelineOutcome.Completed());
    }

    @Test
    void theFirstToEndIsNamedWhateverTheOrderOfTheStages() {
        Ended crashed = new Ended("b", new Outcome.Signalled(Signal.SEGV), 5);
        assertThat(outcome(List.of(A_OK, crashed), Optional.empty()))
                .isEqualTo(
                        new PipelineOutcome.StageEndedFirst(
                                "b",
                                new Outcome.Signalled(Signal.SEGV),
                                List.of(
                                        new Consequence(THERE, Effect.BROKEN_PIPE),
                                        new Consequence(BACK, Effect.END_OF_INPUT))));
    }

    @Test
    void oneThatEndedWellFirstIsNamedToo() {
        Ended broken = new Ended("b", new Outcome.Signalled(Signal.PIPE), 20);
        PipelineOutcome outcome = outcome(List.of(broken, A_OK), Optional.empty());
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        PipelineOutcome.StageEndedFirst.class,
                        first -> assertThat(first.stage()).isEqualTo("a"));
        assertThat(((PipelineOutcome.StageEndedFirst) outcome).consequences())
                .extracting(Consequence::stage)
                .containsExactly("b", "b");
    }

    @Test
    void thoseOfOneInstantKeepTheirOrder() {
        Ended other = new Ended("b", new Outcome.Exited(0), 10);
        assertThat(PipelineEnd.inOrder(List.of(other, A_OK))).containsExactly(other, A_OK);
        assertThat(PipelineEnd.inOrder(List.of(A_OK, other))).containsExactly(A_OK, other);
    }

    @Test
    void whatTheHostDidComesFirst() {
        List<Ended> ended = List.of(A_OK, B_OK);
        List<Evidence> evidence = List.of(new Evidence("a", "b"));
        assertThat(outcome(ended, Optional.of(new Stop.Cap(BACK, Bytes.of(7)))))
                .isEqualTo(new PipelineOutcome.EdgeCapExceeded(BACK, Bytes.of(7)));
        assertThat(outcome(ended, Optional.of(new Stop.Standstill(evidence))))
                .isEqualTo(new PipelineOutcome.Deadlocked(evidence));
        assertThat(outcome(ended, Optional.of(new Stop.Caller(SECOND))))
                .isEqualTo(new PipelineOutcome.Cancelled(SECOND));
        assertThat(outcome(ended, Optional.of(new Stop.Interrupt(SECOND))))
                .isEqualTo(new PipelineOutcome.Interrupted(SECOND));
    }
}
