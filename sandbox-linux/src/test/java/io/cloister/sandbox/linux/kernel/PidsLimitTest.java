package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.TimeUnit;

/// The number of processes and threads of the whole tree is limited.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PidsLimitTest {

    private static final int LIMIT = 20;

    @BeforeEach
    void needsTheController() {
        Cgroups.assume("pids");
    }

    private static Sandbox.Builder limited() {
        return hogs().pidsLimit(LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"forkbomb", "threadbomb", "forks 40 , stay"})
    void aBombEnds(String acts) {
        assertThat(run(limited(), hog(acts))).reached(Limit.PIDS);
    }

    @Test
    void aBombAmongTheHostsProcessesEndsToo() {
        assertThat(run(limited().hostPid(), hog("forkbomb"))).reached(Limit.PIDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"forks 10 , forks 5", "threads 15 1", "burners 15 1"})
    void oneThatTakesFewerDoesNot(String acts) {
        assertThat(run(limited(), hog(acts))).exited(0);
    }

    @Test
    void processesThatHaveEndedDoNotCount() {
        assertThat(run(limited(), hog("unseen 40 1"))).exited(0);
    }

    @Test
    void exactlyTheLimitIsAllowed() throws InterruptedException {
        // The command itself is one; whose launcher it is differs from run to run.
        try (Sandbox sandbox = limited().build()) {
            for (int i = 0; i < 4; i++) {
                var result = sandbox.run(hog("forks " + (LIMIT - 1)));
                assertThat(result).exited(0);
                assertThat(sandbox.run(hog("forks " + LIMIT))).reached(Limit.PIDS);
            }
        }
    }

    @Test
    void aForkThatFailedIsTheEndThoughTheProgramExits() {
        assertThat(run(limited(), hog("forks 40"))).reached(Limit.PIDS);
        assertThat(run(limited(), hog("forks 5"))).exited(0);
    }

    @Test
    void theNextRunStartsAtZero() throws InterruptedException {
        try (Sandbox sandbox = limited().build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sandbox.run(hog("forkbomb"))).reached(Limit.PIDS);
                assertThat(sandbox.run(hog("forks 10"))).exited(0);
            }
        }
    }

    @Test
    void theNextRunOfAnotherPolicyHasItsOwnLimit() {
        assertThat(run(limited(), hog("forks 40"))).reached(Limit.PIDS);
        assertThat(run(limited().pidsLimit(60), hog("forks 40"))).exited(0);
        assertThat(run(limited().unlimitedPids(), hog("forks 300"))).exited(0);
        assertThat(run(limited(), hog("forks 40"))).reached(Limit.PIDS);
    }

    @Test
    void theDefaultEndsABomb() {
        assertThat(run(hogs(), hog("forkbomb"))).reached(Limit.PIDS);
    }

    @Test
    void thePeakIsTold() {
        Cgroups.assumeVersion2("pids");
        var usage = run(limited(), hog("forks 10")).usage();
        assertThat(usage.processesPeak()).contains(11L);
    }
}
