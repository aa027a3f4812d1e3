package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// When a run is over, however it ends, no process of it is left.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessTreeTest {

    private final String token = Host.token();

    @AfterEach
    void nothingIsLeft() {
        assertThat(Host.processesWith(token)).isEmpty();
    }

    /// A command line appears shortly after its program was executed.
    private void awaitSome() {
        Host.await("start", () -> !Host.processesWith(token).isEmpty());
    }

    /// A command with a daemon; both stay until they are killed.
    private SandboxProcess started(Sandbox sandbox) throws IOException {
        SandboxProcess process = sandbox.start(victim("daemons", token));
        assertThat(process.inputReader().readLine()).isEqualTo("sleeping");
        assertThat(Host.processesWith(token)).hasSize(2);
        return process;
    }

    @Test
    void aDaemonDiesWithTheCommand() {
        assertThat(run(strict(), victim("daemon", token))).exited(0);
    }

    @Test
    void aDaemonDiesWithTheCommandAmongTheHostsProcessesToo() {
        assertThat(run(strict().hostPid(), victim("daemon", token))).exited(0);
    }

    @Test
    void cancelKillsTheTreeBeforeItReturns() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = started(sandbox);
            process.cancel();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThat(process.waitForResult()).cancelled();
        }
    }

    @Test
    void cancelKillsTheTreeAmongTheHostsProcessesToo() throws Exception {
        try (Sandbox sandbox = strict().hostPid().build()) {
            SandboxProcess process = started(sandbox);
            process.cancel();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThat(process.waitForResult()).cancelled();
        }
    }

    @Test
    void closingTheSandboxKillsTheTreeBeforeItReturns() throws Exception {
        SandboxProcess process;
        try (Sandbox sandbox = strict().build()) {
            process = started(sandbox);
        }
        assertThat(Host.processesWith(token)).isEmpty();
        assertThat(process.waitForResult()).cancelled();
    }

    @Test
    void destroyForciblyKillsTheTree() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = started(sandbox);
            process.destroyForcibly();
            assertThat(process.waitForResult()).cancelled();
            assertThat(process.exitValue()).isEqualTo(137);
        }
    }

    @Test
    void anInterruptOfRunKillsTheTree() throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try (Sandbox sandbox = strict().build()) {
                                sandbox.run(victim("sleep", token));
                                seen.complete(new AssertionError("it ended"));
                            } catch (InterruptedException | RuntimeException e) {
                                seen.complete(e);
                                assertThat(Host.processesWith(token)).isEmpty();
                            }
                        });
        awaitSome();
        thread.interrupt();
        assertThat(seen.get()).isInstanceOf(InterruptedException.class);
        thread.join();
    }

    @Test
    void anEarlierInterruptKeepsTheCommandFromRunning() {
        Thread.currentThread().interrupt();
        try (Sandbox sandbox = strict().build()) {
            assertThatThrownBy(() -> sandbox.run(victim("sleep", token)))
                    .isInstanceOf(InterruptedException.class);
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void cancellingTheFutureKillsTheTreeBeforeItReturns() {
        try (Sandbox sandbox = strict().build()) {
            CompletableFuture<SandboxResult> future = sandbox.runAsync(victim("daemons", token));
            awaitSome();
            assertThat(future.cancel(true)).isTrue();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThatThrownBy(future::join).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void aTimeoutOfTheFutureKillsTheTree() {
        try (Sandbox sandbox = strict().build()) {
            CompletableFuture<SandboxResult> future =
                    sandbox.runAsync(victim("daemons", token)).orTimeout(1, TimeUnit.MILLISECONDS);
            assertThatThrownBy(future::join)
                    .hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);
            Host.await("end of the tree", () -> Host.processesWith(token).isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sleep", "ignoring", "daemons", "loop", "stop"})
    void theWallTimeEndsWhateverTheCommandDoes(String act) {
        var builder = strict().wallTimeLimit(Duration.ofMillis(400));
        assertThat(run(builder, victim(act, token))).reached(Limit.WALL_TIME);
    }

    @Test
    void aWallTimeWithoutEndIsNone() {
        var forever = java.time.temporal.ChronoUnit.FOREVER.getDuration();
        assertThat(run(strict().wallTimeLimit(forever), victim("exit", "4"))).exited(4);
        assertThat(run(strict().cpuTimeLimit(forever), victim("exit", "5"))).exited(5);
        Duration centuries = Duration.ofNanos(Long.MAX_VALUE);
        assertThat(run(strict().wallTimeLimit(centuries), victim("exit", "6"))).exited(6);
        var builder = strict().wallTimeLimit(Duration.ofMillis(200));
        assertThat(run(builder, victim("sleep", token))).reached(Limit.WALL_TIME);
    }

    @Test
    void aForkBombEnds() {
        var builder = strict().wallTimeLimit(Duration.ofSeconds(2));
        assertThat(run(builder, victim("forkbomb", token))).reached(Limit.PIDS);
    }

    @Test
    void aForkBombEndsAmongTheHostsProcessesToo() {
        var builder =
                strict().hostPid()
                        .rlimit(io.cloister.sandbox.policy.Rlimit.NPROC, 60)
                        .wallTimeLimit(Duration.ofSeconds(2));
        assertThat(run(builder, victim("forkbomb", token))).reached(Limit.WALL_TIME);
    }

    @Test
    void aStoppedCommandCanBeCancelled() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = started(sandbox);
            process.signal(Signal.STOP);
            process.cancel();
            assertThat(process.waitForResult()).cancelled();
        }
    }

    @Test
    void aRunIsNotKeptOpenByAnotherThatHoldsItsOutput(
            @org.junit.jupiter.api.io.TempDir java.nio.file.Path directory) throws Exception {
        java.nio.file.Files.setPosixFilePermissions(
                directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        Sandbox.Builder builder = strict().writable(directory, "/work");
        try (Sandbox holder = builder.build();
                Sandbox sandbox = builder.build()) {
            SandboxProcess keeps = holder.start(victim("listenun", "/work/socket", token));
            assertThat(keeps.inputReader().readLine()).isEqualTo("listening");
            CompletableFuture<SandboxResult> captured =
                    sandbox.runAsync(victim("sendfd", "/work/socket", "1"));
            assertThat(captured.get(60, TimeUnit.SECONDS)).exited(0);
            assertThat(keeps.isAlive()).isTrue();
        }
    }

    @Test
    void aRunWithAConsumerIsNotKeptOpenByAnotherThatHoldsItsOutput(
            @org.junit.jupiter.api.io.TempDir java.nio.file.Path directory) throws Exception {
        java.nio.file.Files.setPosixFilePermissions(
                directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        Sandbox.Builder builder = strict().writable(directory, "/work");
        try (Sandbox holder = builder.build();
                Sandbox sandbox = builder.build()) {
            SandboxProcess keeps = holder.start(victim("listenun", "/work/socket", token));
            assertThat(keeps.inputReader().readLine()).isEqualTo("listening");
            CompletableFuture<SandboxResult> consumed =
                    sandbox.runAsync(
                            victim("sendfd", "/work/socket", "1")
                                    .stdout(io.cloister.sandbox.Output.consumer(bytes -> {})));
            assertThat(consumed.get(20, TimeUnit.SECONDS)).exited(0);
            assertThat(keeps.isAlive()).isTrue();
        }
    }
}
