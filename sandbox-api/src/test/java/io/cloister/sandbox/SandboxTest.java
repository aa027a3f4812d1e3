package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class SandboxTest {
    private final FakeProvider provider = new FakeProvider("fake", true);
    private final Sandbox sandbox = Sandbox.of(SandboxSpec.strict(), provider);

    private static SandboxLaunchException launchFailure() {
        return new SandboxLaunchException(SetupStep.MOUNT, 3, "/a -> /b", 1, "EPERM", "see it");
    }

    private FutureTask<SandboxResult> runInBackground() throws InterruptedException {
        FutureTask<SandboxResult> task = new FutureTask<>(() -> sandbox.run(Command.of("sleep")));
        Thread.ofVirtual().start(task);
        while (provider.processes.isEmpty()) {
            Thread.sleep(1);
        }
        return task;
    }

    @Test
    void runGivesEmptyInputAndCapturesUnlessTold() throws Exception {
        FutureTask<SandboxResult> task = runInBackground();
        provider.processes.getFirst().end(new Exited(3));
        assertThat(task.get().outcome()).isEqualTo(new Exited(3));
        Command command = provider.commands.getFirst();
        assertThat(command.stdin()).contains(Input.empty());
        assertThat(command.stdout()).contains(Output.capture());
        assertThat(command.stderr()).contains(Output.capture());
    }

    @Test
    void startGivesPipesUnlessTold() {
        sandbox.start(Command.of("cat"));
        assertThat(provider.commands.getFirst().stdin()).contains(Input.pipe());
        assertThat(provider.commands.getFirst().stdout()).contains(Output.pipe());
        assertThat(provider.commands.getFirst().stderr()).contains(Output.pipe());

        sandbox.start(
                Command.of("cat")
                        .stdin(Input.empty())
                        .stdout(Output.discard())
                        .stderr(Output.merge()));
        assertThat(provider.commands.getLast().stdin()).contains(Input.empty());
        assertThat(provider.commands.getLast().stdout()).contains(Output.discard());
        assertThat(provider.commands.getLast().stderr()).contains(Output.merge());
    }

    @Test
    void runRefusesPipesThatNobodyCouldUse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sandbox.run(Command.of("cat").stdin(Input.pipe())))
                .withMessageStartingWith("stdin must not be pipe()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sandbox.runAsync(Command.of("cat").stdout(Output.pipe())))
                .withMessageStartingWith("stdout must not be pipe()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sandbox.run(Command.of("cat").stderr(Output.pipe())))
                .withMessageStartingWith("stderr must not be pipe()");
        assertThat(provider.processes).isEmpty();
    }

    @Test
    void interruptingRunKillsTheTreeAndThrows() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                sandbox.run("sleep", "1000");
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                        });
        while (provider.processes.isEmpty()) {
            Thread.sleep(1);
        }
        thread.interrupt();
        interrupted.await();
        assertThat(provider.processes.getFirst().killed.getCount()).isZero();
    }

    @Test
    void launchFailuresReachTheCallerOfRun() {
        SandboxLaunchException failure = launchFailure();
        provider.failure = failure;
        assertThatExceptionOfType(SandboxLaunchException.class)
                .isThrownBy(() -> sandbox.run("true"))
                .isSameAs(failure);
    }

    @Test
    void launchFailuresCompleteTheFutureOfRunAsync() {
        SandboxLaunchException failure = launchFailure();
        provider.failure = failure;
        CompletableFuture<SandboxResult> future = sandbox.runAsync(Command.of("true"));
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(future::join)
                .withCause(failure);
    }

    @Test
    void runAsyncCompletesWithTheResult() {
        CompletableFuture<SandboxResult> future = sandbox.runAsync(Command.of("true"));
        assertThat(future).isNotDone();
        provider.processes.getFirst().end(new Exited(0));
        assertThat(future.join().outcome()).isEqualTo(new Exited(0));
        assertThat(provider.processes.getFirst().killed.getCount()).isOne();
    }

    @Test
    void runAsyncCompletesWithTheFailureOfTheWatcher() {
        CompletableFuture<SandboxResult> future = sandbox.runAsync(Command.of("true"));
        SandboxException failure = new SandboxException("the watcher died");
        provider.processes.getFirst().fail(failure);
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(future::join)
                .withCause(failure);
    }

    @Test
    void cancellingTheFutureKillsTheTreeBeforeItReturns() {
        CompletableFuture<SandboxResult> future = sandbox.runAsync(Command.of("sleep"));
        assertThat(future.cancel(true)).isTrue();
        assertThat(provider.processes.getFirst().isAlive()).isFalse();
        assertThat(future).isCancelled();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::join);
        assertThat(future.cancel(true)).isTrue();
    }

    @Test
    void cancellingAFinishedFutureDoesNothing() {
        CompletableFuture<SandboxResult> future = sandbox.runAsync(Command.of("true"));
        provider.processes.getFirst().end(new Exited(0));
        assertThat(future.cancel(true)).isFalse();
        assertThat(future.join().outcome()).isEqualTo(new Exited(0));
        assertThat(provider.processes.getFirst().killed.getCount()).isOne();
    }

    @Test
    void aTimeoutOfTheFutureKillsTheTree() throws Exception {
        CompletableFuture<SandboxResult> future =
                sandbox.runAsync(Command.of("sleep")).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(provider.processes.getFirst().killed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(future).isCompletedExceptionally();
    }

    @Test
    void closingKillsWhatRunsAndIsDoneOnce() {
        SandboxProcess process = sandbox.start(Command.of("sleep"));
        sandbox.close();
        assertThat(process.onResult().join().outcome()).isInstanceOf(Cancelled.class);
        sandbox.close();
        assertThat(provider.closes).isOne();
    }

    @Test
    void aClosedSandboxStartsNothing() {
        sandbox.close();
        Command command = Command.of("true");
        assertThatIllegalStateException()
                .isThrownBy(() -> sandbox.run(command))
                .withMessage("the sandbox is closed");
        assertThatIllegalStateException().isThrownBy(() -> sandbox.start(command));
        assertThatIllegalStateException().isThrownBy(() -> sandbox.runAsync(command));
        assertThatIllegalStateException().isThrownBy(() -> sandbox.explain(command));
        assertThat(provider.processes).isEmpty();
    }

    @Test
    void aCloseThatFailedCanBeRepeated() {
        provider.failure = new SandboxException("EPERM");
        assertThatExceptionOfType(SandboxException.class).isThrownBy(sandbox::close);
        assertThatIllegalStateException().isThrownBy(() -> sandbox.run("true"));
        sandbox.close();
        assertThat(provider.closes).isEqualTo(2);
    }

    @Test
    void explainStartsNothing() {
        assertThat(sandbox.explain(Command.of("true"))).isEqualTo("clone3 true");
        assertThat(provider.commands.getFirst().stdout()).contains(Output.capture());
        assertThat(provider.processes).isEmpty();
    }

    @Test
    void toBuilderStartsFromItsPolicy() {
        assertThat(sandbox.toBuilder().spec()).isEqualTo(sandbox.spec());
        assertThat(sandbox.toBuilder().umask(077).spec()).isNotEqualTo(sandbox.spec());
    }
}
