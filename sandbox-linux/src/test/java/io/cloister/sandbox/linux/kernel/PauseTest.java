package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A run can be stopped where it is, and let go on.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PauseTest {

    /// Long enough for many ticks.
    private static final int WHILE_MILLIS = 300;

    private static void pause(SandboxProcess process) {
        Cgroups.assume("freezer");
        process.pause();
    }

    @Test
    void aPausedRunStandsStillAndGoesOn() throws Exception {
        AtomicLong count = new AtomicLong();
        Output counter = Output.consumer(bytes -> count.addAndGet(bytes.remaining()));
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("ticks 100 10").stdout(counter));
            Host.await("some ticks", () -> count.get() > 0);
            pause(process);
            Thread.sleep(WHILE_MILLIS);
            long standing = count.get();
            Thread.sleep(WHILE_MILLIS);
            assertThat(count).hasValue(standing);
            assertThat(process.isAlive()).isTrue();
            process.resume();
            assertThat(process.waitForResult()).exited(0);
            assertThat(count).hasValue(100 * "tick\n".length());
        }
    }

    @Test
    void allProcessesOfItStandStill() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("forks 1 , burners 3 20000"));
            Thread.sleep(WHILE_MILLIS);
            pause(process);
            Duration before = process.usage().cpuTime().orElseThrow();
            Thread.sleep(WHILE_MILLIS);
            assertThat(process.usage().cpuTime()).contains(before);
            process.resume();
            Host.await(
                    "processor time",
                    () -> process.usage().cpuTime().orElseThrow().compareTo(before) > 0);
            process.cancel();
            assertThat(process.waitForResult()).cancelled();
        }
    }

    @Test
    void wallTimeDoesNotCount() throws Exception {
        Duration limit = Duration.ofSeconds(3);
        try (Sandbox sandbox = hogs().wallTimeLimit(limit).build()) {
            SandboxProcess process = sandbox.start(hog("say up , nap 200"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
            assertThat(process.waitFor(limit.plusMillis(500))).isFalse();
            process.resume();
            assertThat(process.waitForResult()).exited(0);
        }
    }

    @Test
    void wallTimeCountsAgainAfterwards() throws Exception {
        try (Sandbox sandbox = hogs().wallTimeLimit(Duration.ofMillis(1500)).build()) {
            SandboxProcess process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
            Thread.sleep(WHILE_MILLIS);
            process.resume();
            assertThat(process.waitForResult()).reached(Limit.WALL_TIME);
        }
    }

    @Test
    void idleTimeDoesNotCount() throws Exception {
        Duration limit = Duration.ofMillis(1000);
        try (Sandbox sandbox = hogs().idleTimeLimit(limit).build()) {
            SandboxProcess process = sandbox.start(hog("say up , nap 100"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
            assertThat(process.waitFor(limit.multipliedBy(2))).isFalse();
            process.resume();
            assertThat(process.waitForResult()).exited(0);
        }
    }

    @Test
    void itsTimePassesIfItIsToldTo() throws Exception {
        Cgroups.assume("freezer");
        try (Sandbox sandbox = hogs().wallTimeLimit(Duration.ofMillis(1500)).build()) {
            SandboxProcess process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            process.pause(PausedTime.PASSES);
            assertThat(process.waitForResult()).reached(Limit.WALL_TIME);
            SandboxProcess other = sandbox.start(hog("say up , stay"));
            assertThat(other.inputReader().readLine()).isEqualTo("up");
            other.pause();
            Thread.sleep(2500);
            assertThat(other.isAlive()).isTrue();
            other.cancel();
        }
    }

    @Test
    void aPausedRunCanBeCancelled() throws Exception {
        String token = Host.token();
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("say up , forks 3 , stay " + token));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
            process.cancel();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThat(process.waitForResult()).cancelled();
        }
    }

    @Test
    void aPausedRunCanBeDestroyed() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
            process.destroyForcibly();
            assertThat(process.waitForResult()).cancelled();
        }
    }

    @Test
    void aPausedRunEndsWithTheSandbox() throws Exception {
        SandboxProcess process;
        try (Sandbox sandbox = hogs().build()) {
            process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
        }
        assertThat(process.waitForResult()).cancelled();
    }

    @Test
    void aSignalToAPausedRunArrivesWhenItGoesOn() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            pause(process);
            process.signal(Signal.TERM);
            process.resume();
            assertThat(process.waitForResult()).signalled(Signal.TERM);
        }
    }

    @Test
    void pausingTwiceAndResumingTwiceIsLikeOnce() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("nap 300"));
            process.resume();
            pause(process);
            process.pause();
            process.resume();
            process.resume();
            assertThat(process.waitForResult()).exited(0);
            process.pause();
            process.resume();
        }
    }

    @Test
    void theNextRunIsNotPaused() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            for (int i = 0; i < 3; i++) {
                SandboxProcess process = sandbox.start(hog("stay"));
                pause(process);
                process.cancel();
                assertThat(sandbox.run(hog("burn 10"))).exited(0);
            }
        }
    }

    @Test
    void withoutAControlGroupItIsRefused() throws Exception {
        Cgroups.assumeWithout("freezer");
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("nap 100"));
            assertThatThrownBy(process::pause)
                    .isInstanceOfSatisfying(
                            SandboxUnavailableException.class,
                            e -> assertThat(e.remedy()).isNotBlank());
            assertThat(process.waitForResult()).exited(0);
        }
    }
}
