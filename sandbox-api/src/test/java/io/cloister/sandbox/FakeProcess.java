package io.cloister.sandbox;

import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.Outcome.Signalled;
import io.cloister.sandbox.policy.ResourceLimits;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A process that exists in the test alone and ends when the test says so.
final class FakeProcess extends SandboxProcess {
    private final CompletableFuture<SandboxResult> result = new CompletableFuture<>();

    /// Opened when somebody kills the tree.
    final CountDownLatch killed = new CountDownLatch(1);

    final List<Signal> signals = new ArrayList<>();

    /// To whom they were sent.
    final List<SignalScope> scopes = new ArrayList<>();

    /// What [#usage()] tells, and throws where it is asked to fail.
    volatile Supplier<ResourceUsage> measured = FakeProcess::used;

    /// What [#changeLimits(UnaryOperator)] changes.
    volatile ResourceLimits limits = ResourceLimits.standard();

    /// What every result tells.
    static ResourceUsage used() {
        return ResourceUsage.builder(Duration.ofSeconds(1))
                .userTime(Duration.ofMillis(300))
                .systemTime(Duration.ofMillis(200))
                .build();
    }

    void end(Outcome outcome) {
        byte[] none = {};
        result.complete(SandboxResult.of(outcome, used(), none, none, List.of(), List.of()));
    }

    void fail(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public CompletableFuture<SandboxResult> onResult() {
        return result.copy();
    }

    @Override
    public ResourceUsage usage() {
        return measured.get();
    }

    @Override
    public void pause(PausedTime time) {
        throw new UnsupportedOperationException("a fake does not pause");
    }

    @Override
    public void resume() {
        throw new UnsupportedOperationException("a fake does not pause");
    }

    @Override
    public void changeLimits(UnaryOperator<ResourceLimits> change) {
        limits = change.apply(limits);
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        signals.add(signal);
        scopes.add(scope);
        end(new Signalled(signal));
    }

    @Override
    public CompletableFuture<SandboxResult> terminate(Duration grace) {
        signal(Signal.TERM);
        return onResult();
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
    public OptionalLong pidInside() {
        return OptionalLong.of(3);
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
