package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.Outcome.LimitReached;
import io.cloister.sandbox.Outcome.PolicyViolated;
import io.cloister.sandbox.Outcome.Signalled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

class OutcomeTest {
    @Test
    void onlyExitCodeZeroIsSuccess() {
        assertThat(new Exited(0).isSuccess()).isTrue();
        assertThat(new Exited(1).isSuccess()).isFalse();
        assertThat(new Signalled(Signal.TERM).isSuccess()).isFalse();
        assertThat(new LimitReached(Limit.OUTPUT).isSuccess()).isFalse();
        assertThat(new PolicyViolated("bpf").isSuccess()).isFalse();
        assertThat(new Cancelled(Duration.ZERO).isSuccess()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 256})
    void refusesCodesThatNoProgramCanHave(int code) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Exited(code))
                .withMessage("code must be 0 to 255, was " + code);
    }

    @Test
    void isTakenApartByASwitch() {
        Outcome outcome = new Signalled(Signal.SEGV);
        String verdict =
                switch (outcome) {
                    case Exited(var code) -> "exit code " + code;
                    case Signalled(var signal) -> "died of " + signal;
                    case LimitReached(var limit) -> limit + " reached";
                    case PolicyViolated(var call) -> "forbidden: " + call;
                    case Cancelled _ -> "cancelled";
                };
        assertThat(verdict).isEqualTo("died of SIGSEGV");
    }
}
