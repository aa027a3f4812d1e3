package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What structured scopes and executors rely on: an interrupt of a thread that runs a command ends
/// the whole tree of the command before the thread goes on, and the thread with an exception.
@Tag("kernel")
@Timeout(120)
class ScopedRunTest {

    private static Command tree(String token) {
        return Command.of(
                "/bin/sh", "-c", "(sleep 600 & sleep 600 & wait) & sleep 600; : " + token, token);
    }

    @Test
    void theFirstResultEndsTheOtherRunsAndTheirThreads() throws Exception {
        String token = Host.token();
        try (Sandbox sandbox = Sandbox.builder().build()) {
            // As a scope does, closing waits for the threads, which an interrupt has ended.
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                SandboxResult first =
                        threads.invokeAny(
                                List.of(
                                        () -> sandbox.run(tree(token)),
                                        () -> sandbox.run(tree(token)),
                                        () -> sandbox.run("true")));
                assertThat(first.outcome()).isEqualTo(new Outcome.Exited(0));
            }
            assertThat(Host.processesWith(token)).isEmpty();
        }
    }

    @Test
    void theEndOfAnExecutorEndsItsRuns() throws Exception {
        String token = Host.token();
        try (Sandbox sandbox = Sandbox.builder().build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<SandboxResult> run = threads.submit(() -> sandbox.run(tree(token)));
            Host.await("the start", () -> !Host.processesWith(token).isEmpty());
            threads.shutdownNow();
            assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(run::get)
                    .withCauseInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void aCancelledFutureHasNoTreeLeftWhenCancelReturns() throws Exception {
        String token = Host.token();
        try (Sandbox sandbox = Sandbox.builder().build()) {
            CompletableFuture<SandboxResult> run = sandbox.runAsync(tree(token));
            Host.await("the start", () -> !Host.processesWith(token).isEmpty());
            assertThat(run.cancel(true)).isTrue();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThatExceptionOfType(CancellationException.class).isThrownBy(run::get);
        }
    }

    @Test
    void aTimeoutOfTheFutureEndsTheTreeToo() {
        String token = Host.token();
        try (Sandbox sandbox = Sandbox.builder().build()) {
            CompletableFuture<SandboxResult> run =
                    sandbox.runAsync(tree(token)).orTimeout(300, TimeUnit.MILLISECONDS);
            assertThat(run)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(TimeoutException.class);
            Host.await("the end of the tree", () -> Host.processesWith(token).isEmpty());
        }
    }
}
