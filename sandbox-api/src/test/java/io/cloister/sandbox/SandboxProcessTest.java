package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.Outcome.Signalled;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class SandboxProcessTest {
    private final FakeProcess process = new FakeProcess();

    @Test
    void waitsForTheResult() throws Exception {
        process.end(new Exited(7));
        assertThat(process.waitForResult().outcome()).isEqualTo(new Exited(7));
        assertThat(process.waitFor()).isEqualTo(7);
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void anInterruptOfWaitForResultKillsTheTree() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(process::waitForResult);
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void anInterruptOfWaitForLeavesItRunning() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(process::waitFor);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void waitingWithATimeoutTellsWhetherItIsOver() throws Exception {
        assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(process.waitFor(Duration.ofMillis(1))).isFalse();
        process.end(new Exited(0));
        assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Test
    void aFailedWatchIsThrownAsItIs() {
        SandboxException failure = new SandboxException("the watcher died");
        process.fail(failure);
        assertThatExceptionOfType(SandboxException.class)
                .isThrownBy(process::waitForResult)
                .isSameAs(failure);
        assertThatExceptionOfType(SandboxException.class)
                .isThrownBy(process::waitFor)
                .isSameAs(failure);
    }

    @Test
    void aFailureThatCannotBeThrownAsItIsBecomesTheCause() {
        Exception failure = new Exception("checked");
        process.fail(failure);
        assertThatExceptionOfType(SandboxException.class)
                .isThrownBy(process::waitForResult)
                .withCause(failure);
    }

    @Test
    void onExitCompletesWithTheProcessInWhateverWayItEnds() {
        CompletableFuture<Process> exit = process.onExit();
        assertThat(exit).isNotDone();
        process.fail(new SandboxException("the watcher died"));
        assertThat(exit.join()).isSameAs(process);
    }

    @Test
    void cancellingAFutureOfTheResultLeavesItRunning() {
        process.onResult().cancel(true);
        process.onExit().cancel(true);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void destroySendsTermAndDestroyForciblyKillsTheTree() {
        FakeProcess other = new FakeProcess();
        process.destroy();
        other.destroyForcibly();
        assertThat(process.onResult().join().outcome()).isEqualTo(new Signalled(Signal.TERM));
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(other.onResult().join().outcome()).isInstanceOf(Cancelled.class);
        assertThat(process.supportsNormalTermination()).isTrue();
    }

    @Test
    void whatGoesByAProcessIdIsRefusedAndSaysWhatToUse() {
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        process::toHandle,
                        process::info,
                        process::children,
                        process::descendants)) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(call)
                    .withMessageContaining("not supported for a command in a sandbox")
                    .withMessageContaining("use ")
                    .withMessageContaining("usage()");
        }
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(process::descendants)
                .withMessageStartingWith("descendants() ")
                .withMessageContaining("SignalScope.TREE");
    }
}
