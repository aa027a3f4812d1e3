package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The processor time of the whole tree together is limited.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CpuTimeLimitTest {

    private static final Duration LIMIT = Duration.ofMillis(500);

    /// Far more than the sandbox needs, far less than the burners want.
    private static final Duration LATE = Duration.ofMillis(250);

    private static Sandbox.Builder limited() {
        return hogs().cpuTimeLimit(LIMIT);
    }

    private static void assertReached(SandboxResult result) {
        assertThat(result).reached(Limit.CPU_TIME);
        assertThat(result.usage().cpuTime().orElseThrow()).isBetween(LIMIT, LIMIT.plus(LATE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "burn 10000",
                "stubborn 10000",
                "kernel 10000",
                "threads 4 5000",
                "burners 4 5000",
                "daemon 10000",
                "burn 400 , burners 1 10000",
                "works 100 5"
            })
    void aBurnerEnds(String acts) {
        assertReached(run(limited(), hog(acts)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "burn 100",
                "stubborn 100",
                "kernel 100",
                "threads 4 25",
                "burners 4 25",
                "daemon 100",
                "burn 50 , burners 1 50",
                "works 10 5"
            })
    void oneThatTakesLessDoesNot(String acts) {
        assertThat(run(limited(), hog(acts))).exited(0);
    }

    @Test
    void childrenWhoseTimesNobodyAddsUpCount() {
        Cgroups.assume("cpuacct");
        assertReached(run(limited(), hog("unseen 400 25")));
        assertThat(run(limited(), hog("unseen 4 25"))).exited(0);
    }

    @Test
    void aBurnerAmongTheHostsProcessesEndsToo() {
        assertReached(run(limited().hostPid(), hog("burners 4 5000")));
    }

    @Test
    void sleepIsNoProcessorTime() {
        assertThat(run(limited(), hog("nap 1500"))).exited(0);
    }

    @Test
    void theNextRunStartsAtZero() throws InterruptedException {
        try (Sandbox sandbox = limited().build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sandbox.run(hog("burn 300"))).exited(0);
                assertReached(sandbox.run(hog("burn 10000")));
            }
        }
    }

    @Test
    void manyAtATimeAreCountedEachByItself() throws Exception {
        try (Sandbox sandbox = limited().build()) {
            var first = sandbox.runAsync(hog("burn 300"));
            var second = sandbox.runAsync(hog("burn 300"));
            var third = sandbox.runAsync(hog("burn 10000"));
            assertThat(first.get()).exited(0);
            assertThat(second.get()).exited(0);
            assertReached(third.get());
        }
    }

    @Test
    void asFewProcessorsAsItMayHaveDoNotDelayTheEnd() {
        Cgroups.assume("cpu");
        assertReached(run(limited().cpus(0.5), hog("threads 4 5000")));
    }

    @Test
    void withExtraTimeItGoesOnAndTheLimitIsToldAllTheSame() {
        var builder = limited().extraTime(Duration.ofSeconds(20));
        var result = run(builder, hog("burn 700 , say over"));
        assertThat(result).reached(Limit.CPU_TIME).printed("over\n");
        assertThat(run(builder, hog("burn 100 , say over"))).exited(0).printed("over\n");
    }

    @Test
    void extraTimeHasAnEnd() {
        var builder = limited().extraTime(Duration.ofMillis(400));
        var result = run(builder, hog("burn 10000 , say over"));
        assertThat(result).reached(Limit.CPU_TIME).printed("");
        assertThat(result.usage().cpuTime().orElseThrow())
                .isBetween(Duration.ofMillis(900), Duration.ofMillis(900).plus(LATE));
    }

    @Test
    void aSignalThatTheCommandSendsItselfIsNoLimit() {
        assertThat(run(limited(), hog("burn 100 , raise 24"))).signalled(Signal.XCPU);
        assertThat(run(limited(), hog("burn 100 , raise 9"))).signalled(Signal.KILL);
    }
}
