package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Outcome.Exited;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A sandbox is idle when nothing of it is under way, and not before.
@Timeout(60)
class AwaitIdleTest {
    private static final Command COMMAND = Command.of("true");
    private static final Duration AGES = Duration.ofDays(400_000);

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final Sandbox sandbox = Sandbox.builder().build(provider);

    @AfterEach
    void close() {
        sandbox.close();
    }

    private void assertIdle() throws InterruptedException {
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(20))).isTrue();
    }

    private void assertBusy() throws InterruptedException {
        assertThat(sandbox.awaitIdle(Duration.ofMillis(5))).isFalse();
    }

    @Test
    void atFirstItIs() throws InterruptedException {
        assertThat(sandbox.awaitIdle(Duration.ZERO)).isTrue();
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(-1))).isTrue();
    }

    @Test
    void aRunIsUnderWayUntilItEnds() throws InterruptedException {
        sandbox.start(COMMAND);
        sandbox.runAsync(COMMAND);
        assertBusy();
        provider.processes.get(0).end(new Exited(1));
        assertBusy();
        provider.processes.get(1).fail(new SandboxException("not watched"));
        assertIdle();
    }

    @Test
    void whatDoesNotRunIsNot(@TempDir Path outputs) throws InterruptedException {
        provider.failure = new SandboxException("no");
        assertThatExceptionOfType(SandboxException.class).isThrownBy(() -> sandbox.start(COMMAND));
        provider.failure = new SandboxException("no");
        assertThatExceptionOfType(SandboxException.class).isThrownBy(() -> sandbox.run(COMMAND));
        provider.failure = new SandboxException("no");
        assertThat(sandbox.runAsync(COMMAND)).isCompletedExceptionally();
        provider.failure = new SandboxException("no");
        assertThatExceptionOfType(SandboxException.class).isThrownBy(sandbox::open);
        provider.failures.set(1);
        Command collecting = COMMAND.collect("/tmp/a", outputs.resolve("a"));
        assertThatExceptionOfType(SandboxException.class).isThrownBy(() -> sandbox.run(collecting));
        sandbox.shutdown();
        assertThatIllegalStateException().isThrownBy(() -> sandbox.run(COMMAND));
        assertThatIllegalStateException().isThrownBy(() -> sandbox.runAsync(COMMAND));
        assertThatIllegalStateException().isThrownBy(sandbox::open);
        assertIdle();
    }

    /// It counts before it looks whether the sandbox is open, so that nothing slips through.
    @Test
    void aLaunchThatHasBegunBeforeTheSandboxIsShutIsWaitedFor() throws Exception {
        CountDownLatch launching = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        provider.onLaunch =
                () -> {
                    launching.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                };
        CompletableFuture<SandboxProcess> start =
                CompletableFuture.supplyAsync(() -> sandbox.start(COMMAND));
        launching.await();
        sandbox.shutdown();
        assertBusy();
        goOn.countDown();
        assertThat(start.get(20, TimeUnit.SECONDS).isAlive()).isTrue();
        assertBusy();
        provider.processes.getFirst().end(new Exited(0));
        assertIdle();
    }

    @Test
    void aRunThatWaitsForItsBudgetIsUnderWay() throws Exception {
        ResourceBudget budget = ResourceBudget.builder().sandboxes(1).queueTimeout(AGES).build();
        try (Sandbox limited = Sandbox.builder().budget(budget).build(provider);
                Sandbox other = Sandbox.builder().budget(budget).build(provider)) {
            SandboxProcess first = other.start(COMMAND);
            CompletableFuture<SandboxResult> second = limited.runAsync(COMMAND);
            assertThat(limited.awaitIdle(Duration.ofMillis(5))).isFalse();
            second.cancel(true);
            assertThat(limited.awaitIdle(AGES)).isTrue();
            first.cancel();
        }
    }

    @Test
    void aSessionIsUnderWayUntilItIsClosedOrHasEnded() throws InterruptedException {
        SandboxSession session = sandbox.open();
        session.start(COMMAND);
        provider.sessions.getFirst().processes.getFirst().end(new Exited(0));
        assertBusy();
        session.close();
        assertIdle();
        sandbox.open();
        assertBusy();
        provider.sessions.getLast().close();
        assertIdle();
    }

    @Test
    void aLeaseIsUnderWayAndASandboxThatWaitsForOneIsNot() throws InterruptedException {
        try (SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            SandboxPool.Lease lease = pool.lease();
            assertBusy();
            lease.close();
            assertIdle();
            assertThat(provider.sessions.getFirst().closed).isFalse();
        }
    }

    @Test
    void closingEndsTheWaiting() throws Exception {
        sandbox.start(COMMAND);
        sandbox.open();
        CompletableFuture<Boolean> idle = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                idle.complete(sandbox.awaitIdle(AGES));
            } catch (InterruptedException e) {
                idle.completeExceptionally(e);
            }
        });
        sandbox.close();
        assertThat(idle.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whoIsInterruptedHearsOfIt() {
        sandbox.start(COMMAND);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> sandbox.awaitIdle(AGES));
    }
}
