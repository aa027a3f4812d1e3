package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/// A session that has files and commands, and no kernel.
final class FakeSession implements SessionBackend {

    /// Beyond what the kernel gives to namespaces, whose numbers have 32 bits.
    private static final long FIRST_NAMESPACE = 1L << 32;

    private final FakeSandbox fake;
    private final SandboxSpec spec;
    private final FakeFiles files;
    private final long start = System.nanoTime();
    private final Set<FakeProcess> processes = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<SandboxResult> end = new CompletableFuture<>();
    private Optional<PausedTime> paused = Optional.empty();
    private boolean ending;

    FakeSession(FakeSandbox fake, SandboxSpec spec) {
        this.fake = fake;
        this.spec = spec;
        files = new FakeFiles(spec);
    }

    @Override
    public SandboxProcess launch(Command command, UnaryOperator<ResourceLimits> limits) {
        return start(command, limits);
    }

    @Override
    public synchronized SandboxProcess start(
            Command command, UnaryOperator<ResourceLimits> limits) {
        requireOpen();
        FakeRun run = new FakeRun(command, spec, limits.apply(spec.limits().ofEachCommand()), true);
        FakeProcess process = FakeProcess.start(fake.begin(run), run, files);
        paused.ifPresent(process::pause);
        processes.add(process);
        process.onResult()
                .whenComplete((result, _) -> {
                    processes.remove(process);
                    if (result != null) {
                        endWith(run, result.outcome());
                    }
                });
        return process;
    }

    /// Who breaks a limit of all commands ends the session.
    private void endWith(FakeRun run, Outcome outcome) {
        boolean ofAll =
                outcome instanceof Outcome.LimitReached(var limit)
                        && (limit == Limit.MEMORY && run.limits().memory().isEmpty()
                                || limit == Limit.PIDS && run.limits().pids().isEmpty());
        if (ofAll) {
            end(outcome);
        }
    }

    /// Its end is told when the last command is over, and without the lock: who hears of it may do
    /// anything.
    private void end(Outcome outcome) {
        List<FakeProcess> left;
        synchronized (this) {
            if (ending) {
                return;
            }
            ending = true;
            left = List.copyOf(processes);
            files.close();
        }
        left.forEach(process -> process.end(outcome));
        left.forEach(process -> process.onResult().handle((_, _) -> true).join());
        end.complete(FakeProcess.result(outcome, usage(), new byte[0], new byte[0]));
    }

    private synchronized boolean isEnding() {
        return ending;
    }

    private void requireOpen() {
        if (isEnding()) {
            throw new IllegalStateException("the session has ended");
        }
    }

    @Override
    public CompletableFuture<SandboxResult> onEnd() {
        return end.copy();
    }

    @Override
    public ResourceUsage usage() {
        return ResourceUsage.builder(sinceStart()).build();
    }

    private Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public synchronized void pause(PausedTime time) {
        if (paused.isEmpty()) {
            paused = Optional.of(time);
            processes.forEach(process -> process.pause(time));
        }
    }

    @Override
    public synchronized void resume() {
        paused = Optional.empty();
        processes.forEach(FakeProcess::resume);
    }

    @Override
    public Map<Namespace, Long> namespaceIds() {
        requireOpen();
        Map<Namespace, Long> ids = new EnumMap<>(Namespace.class);
        long base = FIRST_NAMESPACE + Integer.toUnsignedLong(System.identityHashCode(this)) * 16;
        for (Namespace namespace : Namespace.values()) {
            boolean own = spec.newNamespaces().contains(namespace);
            ids.put(namespace, (own ? base : FIRST_NAMESPACE) + namespace.ordinal());
        }
        return ids;
    }

    @Override
    public SandboxFiles files() {
        return files;
    }

    @Override
    public Map<SandboxPath, CollectedFiles> collect(List<OutputFiles> wanted) {
        Map<SandboxPath, CollectedFiles> collected = new LinkedHashMap<>();
        for (OutputFiles one : wanted) {
            collected.put(one.inside(), collect(one));
        }
        return collected;
    }

    private CollectedFiles collect(OutputFiles wanted) {
        try {
            return new CollectedFiles.Copied(
                    wanted.outside(),
                    files.copyOut(wanted.inside(), wanted.outside(), wanted.options()));
        } catch (SandboxFileException e) {
            return new CollectedFiles.Missing(e);
        }
    }

    @Override
    public Optional<String> reset() {
        if (isEnding()) {
            return Optional.of("it has ended");
        }
        // A pause of one user is none of the next one's.
        resume();
        processes.forEach(FakeProcess::cancel);
        files.reset();
        return Optional.empty();
    }

    @Override
    public void close() {
        end(new Outcome.Cancelled(sinceStart()));
        // Somebody else may have begun to end it.
        end.join();
    }
}
