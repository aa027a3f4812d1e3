package io.cloister.samples.plugins.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.plugins.supervise.EndCause.Kind;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class EndCauseTest {
    private static final Optional<EndCause> HUNG =
            Optional.of(new EndCause(Kind.HUNG, "did not answer"));
    private static final Outcome CANCELLED = new Outcome.Cancelled(Duration.ofSeconds(1));

    @Test
    void whatTheSandboxProvesIsTheCause() {
        assertThat(of(Optional.empty(), new Outcome.Exited(7)))
                .isEqualTo(new EndCause(Kind.EXITED, "exit code 7"));
        assertThat(of(Optional.empty(), new Outcome.Signalled(Signal.SEGV)))
                .isEqualTo(new EndCause(Kind.CRASHED, "died of SIGSEGV (source: seen)"));
        assertThat(of(Optional.empty(), new Outcome.LimitReached(Limit.MEMORY)))
                .isEqualTo(new EndCause(Kind.LIMIT, "MEMORY limit reached (source: seen)"));
        assertThat(of(Optional.empty(), new Outcome.PolicyViolated("ptrace")))
                .isEqualTo(
                        new EndCause(
                                Kind.FORBIDDEN_CALL,
                                "forbidden system call ptrace (source: seen)"));
        assertThat(of(Optional.empty(), CANCELLED).kind()).isEqualTo(Kind.HOST);
    }

    @Test
    void whomTheHostKilledHasItsReason() {
        assertThat(of(HUNG, CANCELLED)).isEqualTo(HUNG.get());
        // Its end was the answer to that of the connection.
        assertThat(of(HUNG, new Outcome.Exited(1))).isEqualTo(HUNG.get());
    }

    @Test
    void whoWasQuickerThanTheHostHasItsOwn() {
        assertThat(of(HUNG, new Outcome.LimitReached(Limit.PIDS)).kind()).isEqualTo(Kind.LIMIT);
        assertThat(of(HUNG, new Outcome.Signalled(Signal.ABRT)).kind()).isEqualTo(Kind.CRASHED);
    }

    private static EndCause of(Optional<EndCause> killed, Outcome outcome) {
        return EndCause.of(
                killed,
                SandboxResult.of(
                        outcome,
                        ResourceUsage.builder(Duration.ofSeconds(1)).build(),
                        new byte[0],
                        new byte[0],
                        List.of(),
                        List.of(new Evidence("source", "seen"))));
    }
}
