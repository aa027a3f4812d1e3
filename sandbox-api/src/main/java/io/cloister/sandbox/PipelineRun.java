package io.cloister.sandbox;

import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxProvider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A running [Pipeline]. Thread-safe.
public final class PipelineRun {
    private final List<Pipeline.Stage> stages;
    private final List<Pipeline.PlannedEdge> edges;
    private final Optional<Duration> deadlockAfter;
    private final long startedAt = System.nanoTime();
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final PipelineMeter meter;
    private final Plumbing plumbing;
    private final List<SandboxProcess> processes = new ArrayList<>();
    private final CompletableFuture<PipelineResult> result = new CompletableFuture<>();

    /// What the supervisor is told.
    private sealed interface Event {
        record StageEnded() implements Event {}

        record Failed(Throwable why) implements Event {}

        record Stopped(PipelineEnd.Stop stop) implements Event {}
    }

    private PipelineRun(
            SandboxProvider provider,
            List<Pipeline.Stage> stages,
            List<Pipeline.PlannedEdge> edges,
            Optional<Duration> deadlockAfter) {
        this.stages = stages;
        this.edges = edges;
        this.deadlockAfter = deadlockAfter;
        meter =
                new PipelineMeter(
                        edges, startedAt, this::exceeded, why -> events.add(new Event.Failed(why)));
        plumbing =
                provider.plumb(
                        stages.stream().map(Pipeline.Stage::name).toList(),
                        Pipeline.plumbed(stages, edges),
                        meter,
                        deadlockAfter.isPresent());
    }

    static PipelineRun start(
            SandboxProvider provider,
            List<Pipeline.Stage> stages,
            List<Pipeline.PlannedEdge> edges,
            Optional<Duration> deadlockAfter)
            throws InterruptedException {
        PipelineRun run = new PipelineRun(provider, stages, edges, deadlockAfter);
        try {
            run.launch();
        } catch (Throwable e) {
            run.abandon(e);
            throw e;
        }
        Thread.ofVirtual().name("cloister-pipeline").start(run::supervise);
        return run;
    }

    /// All requests are sent before any of them is waited for: the launches overlap.
    private void launch() throws InterruptedException {
        for (int i = 0; i < stages.size(); i++) {
            Pipeline.Stage stage = stages.get(i);
            try {
                processes.add(stage.sandbox().startStage(plumbing, i, stage.command()));
            } catch (RuntimeException e) {
                throw new StageException(stage.name(), e);
            }
        }
        for (int i = 0; i < stages.size(); i++) {
            try {
                plumbing.awaitStart(i);
            } catch (RuntimeException e) {
                throw new StageException(stages.get(i).name(), e);
            }
        }
        meter.start(plumbing::resume);
        for (int i = 0; i < stages.size(); i++) {
            String name = stages.get(i).name();
            processes
                    .get(i)
                    .onResult()
                    .whenComplete((_, why) ->
                            events.add(
                                    why == null
                                            ? new Event.StageEnded()
                                            : new Event.Failed(new StageException(name, why))));
        }
    }

    /// Nothing is left of a pipeline that could not be started.
    private void abandon(Throwable why) {
        try {
            kill();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
        plumbing.close();
    }

    private void exceeded(int edge) {
        Pipeline.PlannedEdge planned = edges.get(edge);
        stop(new PipelineEnd.Stop.Cap(planned.edge(), planned.cap().orElseThrow()));
    }

    private void stop(PipelineEnd.Stop stop) {
        events.add(new Event.Stopped(stop));
    }

    private void supervise() {
        try {
            result.complete(watch());
        } catch (InterruptedException e) {
            result.completeExceptionally(
                    new SandboxException("the thread of the pipeline was interrupted", e));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private PipelineResult watch() throws InterruptedException {
        try {
            Optional<PipelineEnd.Stop> stop = await();
            if (stop.isPresent()) {
                kill();
            }
            Map<String, SandboxResult> results = results();
            Duration wallTime = since();
            meter.finish();
            return result(results, wallTime, stop.or(this::late));
        } catch (Throwable e) {
            kill();
            throw e;
        } finally {
            plumbing.close();
        }
    }

    /// Waits until all stages have ended, or there is a reason to end them.
    private Optional<PipelineEnd.Stop> await() throws InterruptedException {
        int left = stages.size();
        while (left > 0) {
            Event event =
                    deadlockAfter.isPresent()
                            ? events.poll(deadlockAfter.get().toNanos(), TimeUnit.NANOSECONDS)
                            : events.take();
            switch (event) {
                case null -> {
                    Optional<List<Evidence>> proof = plumbing.standstill();
                    if (proof.isPresent()) {
                        return proof.map(PipelineEnd.Stop.Standstill::new);
                    }
                }
                case Event.StageEnded _ -> left--;
                case Event.Failed(var why) -> throw Failures.unchecked(why);
                case Event.Stopped(var stop) -> {
                    return Optional.of(stop);
                }
            }
        }
        return Optional.empty();
    }

    /// What was told while the last stage ended. A cap counts however the stages ended; for
    /// anything else it was too late.
    private Optional<PipelineEnd.Stop> late() {
        for (Event event : events) {
            if (event instanceof Event.Failed(var why)) {
                throw Failures.unchecked(why);
            }
            if (event instanceof Event.Stopped(var stop) && stop instanceof PipelineEnd.Stop.Cap) {
                return Optional.of(stop);
            }
        }
        return Optional.empty();
    }

    /// The commands are stopped first, so that none of them takes the end of another for one of its
    /// own accord and says something about it, or exits with a code that the pipeline brought
    /// about.
    private void kill() {
        processes.forEach(process -> process.signal(Signal.STOP));
        processes.forEach(SandboxProcess::destroyForcibly);
        processes.forEach(SandboxProcess::cancel);
    }

    private Map<String, SandboxResult> results() {
        Map<String, SandboxResult> results = new LinkedHashMap<>();
        for (int i = 0; i < stages.size(); i++) {
            String name = stages.get(i).name();
            try {
                results.put(name, processes.get(i).onResult().join());
            } catch (CompletionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new StageException(name, cause);
            }
        }
        return results;
    }

    private PipelineResult result(
            Map<String, SandboxResult> results,
            Duration wallTime,
            Optional<PipelineEnd.Stop> stop) {
        List<PipelineEnd.Ended> ended = new ArrayList<>();
        for (int i = 0; i < stages.size(); i++) {
            String name = stages.get(i).name();
            SandboxResult its = results.get(name);
            if (its != null) {
                ended.add(new PipelineEnd.Ended(name, its.outcome(), plumbing.endedAt(i)));
            }
        }
        List<PipelineEnd.Ended> inOrder = PipelineEnd.inOrder(ended);
        List<PipelineEdge> all = edges.stream().map(Pipeline.PlannedEdge::edge).toList();
        return new PipelineResult(
                PipelineEnd.outcome(inOrder, all, stop),
                results,
                inOrder.stream().map(PipelineEnd.Ended::stage).toList(),
                meter.bytes(),
                meter.transcript(),
                wallTime);
    }

    private Duration since() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    /// {@return the result, when all stages have ended}
    ///
    /// Each call returns a future of its own; cancelling or completing it changes nothing else. It
    /// completes with a [StageException] if a stage could not be watched to its end, and with the
    /// exception of a [TranscriptSink] that threw one.
    public CompletableFuture<PipelineResult> onResult() {
        return result.copy();
    }

    /// Waits for the result.
    ///
    /// @return the result
    /// @throws InterruptedException if the thread is interrupted; all stages are dead then
    /// @throws SandboxException if a stage could not be watched to its end
    public PipelineResult waitForResult() throws InterruptedException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            end(new PipelineEnd.Stop.Interrupt(since()));
            throw e;
        } catch (ExecutionException e) {
            throw Failures.unchecked(e.getCause());
        }
    }

    /// Tells what a stage has used so far; see [SandboxProcess#usage()].
    ///
    /// @param stage its name
    /// @return what it has used
    /// @throws IllegalArgumentException if there is no such stage
    public ResourceUsage usage(String stage) {
        List<String> names = stages.stream().map(Pipeline.Stage::name).toList();
        int index = names.indexOf(stage);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "there must be a stage \"%s\", were %s".formatted(stage, names));
        }
        return processes.get(index).usage();
    }

    /// Kills all stages and returns when they are dead. The outcome is [PipelineOutcome.Cancelled],
    /// unless all of them had ended before. An interrupt does not cut it short.
    public void cancel() {
        end(new PipelineEnd.Stop.Caller(since()));
    }

    private void end(PipelineEnd.Stop stop) {
        stop(stop);
        result.handle((_, _) -> true).join();
    }
}
