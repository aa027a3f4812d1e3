package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Idle time, and what extra time adds to wall time.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimeLimitTest {

    private static final Duration IDLE = Duration.ofMillis(800);

    private static Sandbox.Builder mayBeIdle() {
        return hogs().idleTimeLimit(IDLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stay", "line", "nap 20000", "forks 3 , stay", "burn 100 , stay"})
    void oneThatDoesNothingEnds(String acts) throws Exception {
        try (Sandbox sandbox = mayBeIdle().build()) {
            var result = sandbox.start(hog(acts)).waitForResult();
            assertThat(result).reached(Limit.IDLE);
            assertThat(result.usage().wallTime()).isGreaterThanOrEqualTo(IDLE);
        }
    }

    @Test
    void oneThatPrintsNowAndThenDoesNot() {
        assertThat(run(mayBeIdle(), hog("ticks 10 200"))).exited(0);
    }

    @Test
    void oneThatPrintsNowAndThenToWhereItIsDiscardedDoesNot() {
        assertThat(run(mayBeIdle(), hog("ticks 10 200").stdout(Output.discard()))).exited(0);
    }

    @Test
    void oneThatComputesNowAndThenDoesNot() {
        assertThat(run(mayBeIdle(), hog("works 10 200"))).exited(0);
    }

    @Test
    void oneWhoseChildrenComputeDoesNot() {
        assertThat(run(mayBeIdle(), hog("daemon 2000"))).exited(0);
        assertThat(run(mayBeIdle(), hog("burners 1 2000"))).exited(0);
    }

    @Test
    void oneThatStopsPrintingEnds() {
        var result = run(mayBeIdle(), hog("ticks 5 200 , stay"));
        assertThat(result).reached(Limit.IDLE);
        assertThat(result.stdoutText()).isEqualTo("tick\n".repeat(5));
    }

    @Test
    void aShortNapIsNoIdleness() {
        assertThat(run(mayBeIdle(), hog("nap 300"))).exited(0);
    }

    @Test
    void withExtraTimeARunGoesOnAndTheLimitIsToldAllTheSame() {
        var builder =
                hogs().wallTimeLimit(Duration.ofMillis(300)).extraTime(Duration.ofSeconds(20));
        var result = run(builder, hog("nap 900 , say over"));
        assertThat(result).reached(Limit.WALL_TIME).printed("over\n");
        assertThat(run(builder, hog("say over"))).exited(0).printed("over\n");
    }

    @Test
    void extraTimeHasAnEnd() {
        var builder =
                hogs().wallTimeLimit(Duration.ofMillis(200)).extraTime(Duration.ofMillis(600));
        var result = run(builder, hog("nap 20000 , say over"));
        assertThat(result).reached(Limit.WALL_TIME).printed("");
        assertThat(result.usage().wallTime()).isGreaterThanOrEqualTo(Duration.ofMillis(700));
    }

    @Test
    void withoutExtraTimeTheWallTimeIsTheEnd() {
        var result = run(hogs().wallTimeLimit(Duration.ofMillis(300)), hog("nap 900 , say over"));
        assertThat(result).reached(Limit.WALL_TIME).printed("");
    }
}
