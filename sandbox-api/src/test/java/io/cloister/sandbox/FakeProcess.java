package io.cloister.sandbox;

import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.Outcome.Signalled;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// A process that exists in the test alone and ends when the test says so.
final class FakeProcess extends SandboxProcess {
    private final CompletableFuture<SandboxResult> result = new CompletableFuture<>();

    /// Opened when somebody kills the tree.
    final CountDownLatch killed = new CountDownLatch(1);

    final List<Signal> signals = new ArrayList<>();

    static ResourceUsage usage() {
        return new ResourceUsage(
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                Duration.ofMillis(200),
                Optional.empty(),
                0,
                0,
                0,
                0);
    }

    void end(Outcome outcome) {
        result.complete(SandboxResult.of(outcome, usage(), new byte[0], new byte[0], List.of()));
    }

    void fail(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public CompletableFuture<SandboxResult> onResult() {
        return result.copy();
    }

    @Override
    public void signal(Signal signal) {
        signals.add(signal);
        end(new Signalled(signal));
    }

    @Override
    public void cancel() {
        killed.countDown();
        end(new Cancelled(Duration.ofSeconds(1)));
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public long pid() {
        return 42;
    }

    @Override
    public void destroy() {
        signal(Signal.TERM);
    }

    @Override
    public Process destroyForcibly() {
        cancel();
        return this;
    }

    @Override
    public int exitValue() {
        if (!result.isDone()) {
            throw new IllegalThreadStateException("still running");
        }
        return switch (result.join().outcome()) {
            case Exited(int code) -> code;
            case Signalled(Signal signal) -> 128 + signal.number();
            default -> 128 + Signal.KILL.number();
        };
    }
}
