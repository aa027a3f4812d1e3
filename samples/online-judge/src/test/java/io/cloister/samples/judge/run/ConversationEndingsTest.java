package io.cloister.samples.judge.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.verdict.Allowance;
import io.cloister.samples.judge.verdict.Ending;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PipelineEdge;
import io.cloister.sandbox.PipelineOutcome;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class ConversationEndingsTest {
    private static final Outcome YES = new Outcome.Exited(42);
    private static final Outcome NO = new Outcome.Exited(43);
    private static final Outcome FINE = new Outcome.Exited(0);
    private static final Outcome TOO_LONG = new Outcome.LimitReached(Limit.CPU_TIME);
    private static final Bytes SOME = Bytes.mebibytes(64);

    private final ConversationEndings endings =
            new ConversationEndings(
                    new Allowance(
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(9),
                            SOME,
                            SOME,
                            SOME,
                            SOME,
                            16,
                            Optional.empty()),
                    "> 5");

    private static Ending ending(Outcome outcome, long wallMillis) {
        return new Ending(outcome, Duration.ZERO, Duration.ofMillis(wallMillis), SOME, "", "");
    }

    private Verdict verdict(Ending solution, Ending interactor) {
        PipelineOutcome outcome = new PipelineOutcome.StageEndedFirst("interactor", NO, List.of());
        return endings.judge(outcome, solution, interactor, "").verdict();
    }

    @Test
    void theInteractorDecidesAboutASolutionThatEndedWell() {
        assertThat(verdict(ending(FINE, 10), ending(YES, 20))).isEqualTo(Verdict.AC);
        assertThat(verdict(ending(FINE, 10), ending(NO, 20))).isEqualTo(Verdict.WA);
    }

    @Test
    void aSolutionThatDiesOfARefusalWasWrong() {
        Outcome pipe = new Outcome.Signalled(Signal.PIPE);
        assertThat(verdict(ending(pipe, 11), ending(NO, 10))).isEqualTo(Verdict.WA);
        assertThat(verdict(ending(TOO_LONG, 1000), ending(NO, 10))).isEqualTo(Verdict.WA);
        Outcome endOfFile = new Outcome.Exited(1);
        assertThat(verdict(ending(endOfFile, 10), ending(NO, 12))).isEqualTo(Verdict.WA);
        assertThat(verdict(ending(endOfFile, 10), ending(NO, 1000))).isEqualTo(Verdict.RE);
    }

    @Test
    void aSolutionThatFailsFirstHasFailed() {
        Outcome fault = new Outcome.Signalled(Signal.SEGV);
        assertThat(verdict(ending(fault, 10), ending(NO, 11))).isEqualTo(Verdict.RE);
        assertThat(verdict(ending(TOO_LONG, 1000), ending(NO, 1001))).isEqualTo(Verdict.TLE);
    }

    @Test
    void anInteractorThatNoticesTheEndBeforeItIsToldDoesNotDecide() {
        assertThat(verdict(ending(TOO_LONG, 1002), ending(NO, 1000))).isEqualTo(Verdict.TLE);
        Outcome fault = new Outcome.Signalled(Signal.SEGV);
        assertThat(verdict(ending(fault, 12), ending(NO, 10))).isEqualTo(Verdict.RE);
    }

    @Test
    void whoWaitsForEachOtherWaitsForEver() {
        Finding finding =
                endings.judge(
                        new PipelineOutcome.Deadlocked(List.of()),
                        ending(FINE, 1),
                        ending(FINE, 1),
                        "");
        assertThat(finding.verdict()).isEqualTo(Verdict.TLE);
        assertThat(finding.words()).isEqualTo("last messages: > 5");
    }

    @Test
    void tooMuchOfTheSolutionIsItsFaultAndOfTheInteractorThatOfTheProblem() {
        assertThat(capped("solution", "interactor").verdict()).isEqualTo(Verdict.OLE);
        assertThat(capped("interactor", "solution").verdict()).isEqualTo(Verdict.IE);
    }

    private Finding capped(String from, String to) {
        return endings.judge(
                new PipelineOutcome.EdgeCapExceeded(new PipelineEdge(from, 1, to, 0), SOME),
                ending(FINE, 1),
                ending(YES, 1),
                "");
    }

    @Test
    void anInteractorThatSaysNeitherYesNorNoIsTheFaultOfTheProblem() {
        Ending broken = ending(new Outcome.Exited(1), 1);
        assertThat(verdict(ending(FINE, 1), broken)).isEqualTo(Verdict.IE);
    }

    @Test
    void aSolutionThatIsGoneBeforeItsAnswersWasWrong() {
        Ending gone = ending(new Outcome.Signalled(Signal.PIPE), 20);
        assertThat(verdict(ending(FINE, 10), gone)).isEqualTo(Verdict.WA);
        assertThat(verdict(ending(new Outcome.Signalled(Signal.SEGV), 10), gone))
                .isEqualTo(Verdict.RE);
    }

    @Test
    void aSolutionThatLetsTheInteractorWaitIsTooLate() {
        Ending waited = ending(new Outcome.LimitReached(Limit.IDLE), 5000);
        assertThat(verdict(ending(FINE, 5001), waited)).isEqualTo(Verdict.TLE);
    }

    @Test
    void aConversationThatWasCancelledIsTheFaultOfTheHost() {
        assertThatThrownBy(() ->
                        endings.judge(
                                new PipelineOutcome.Cancelled(Duration.ofSeconds(1)),
                                ending(FINE, 1),
                                ending(YES, 1),
                                ""))
                .isInstanceOf(HostFaultException.class);
    }
}
