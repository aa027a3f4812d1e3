package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// A session without a kernel; tests say how its reset ends, and end it.
final class FakeSession implements SessionBackend {
    final List<Command> commands = new CopyOnWriteArrayList<>();
    final List<FakeProcess> processes = new CopyOnWriteArrayList<>();
    final AtomicInteger resets = new AtomicInteger();
    final CompletableFuture<SandboxResult> end = new CompletableFuture<>();
    volatile Optional<String> dirt = Optional.empty();
    volatile boolean closed;

    @Override
    public SandboxProcess launch(Command command, UnaryOperator<ResourceLimits> limits) {
        commands.add(command);
        FakeProcess process = new FakeProcess();
        processes.add(process);
        return process;
    }

    @Override
    public SandboxProcess start(Command command, UnaryOperator<ResourceLimits> limits) {
        return launch(command, limits);
    }

    @Override
    public CompletableFuture<SandboxResult> onEnd() {
        return end;
    }

    @Override
    public ResourceUsage usage() {
        return ResourceUsage.builder(Duration.ZERO).build();
    }

    @Override
    public void pause(PausedTime time) {}

    @Override
    public void resume() {}

    @Override
    public Map<Namespace, Long> namespaceIds() {
        return Map.of();
    }

    @Override
    public SandboxFiles files() {
        throw new IllegalStateException("no files here");
    }

    @Override
    public Map<SandboxPath, CollectedFiles> collect(List<OutputFiles> wanted) {
        return Map.of();
    }

    @Override
    public Optional<String> reset() {
        resets.incrementAndGet();
        return dirt;
    }

    @Override
    public void close() {
        closed = true;
        end.complete(
                SandboxResult.of(
                        new Outcome.Cancelled(Duration.ZERO),
                        usage(),
                        new byte[0],
                        new byte[0],
                        List.of(),
                        List.of()));
    }
}
