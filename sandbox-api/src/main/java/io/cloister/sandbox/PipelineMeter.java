package io.cloister.sandbox;

import io.cloister.sandbox.spi.Plumbing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Counts, caps and keeps what goes over the edges of a pipeline, and calls its sinks on a thread
/// of their own. Thread-safe: told on the thread that passes the bytes on, which never waits here
/// for more than a moment.
final class PipelineMeter implements Plumbing.Observer {
    /// How much may wait for the sinks, and an entry of a transcript costs beside its bytes.
    private static final long SINK_ROOM = 1 << 20;

    private static final long ENTRY_COST = 16;

    private final List<Pipeline.PlannedEdge> edges;
    private final long startedAt;
    private final IntConsumer exceeded;
    private final Consumer<Throwable> failed;
    private final long[] passed;
    private final long[] kept;
    private final boolean[] truncated;
    private final boolean[] paused;
    private final List<Transcript.Entry> entries = new ArrayList<>();

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closed;
    private Optional<Thread> sinks = Optional.empty();
    private IntConsumer resume = _ -> {};

    /// What a sink has yet to take.
    private record Waiting(TranscriptSink sink, Transcript.Entry entry) {}

    /// @param startedAt in nanoTime
    /// @param exceeded told the edge whose cap was exceeded, once for each
    /// @param failed told what a sink threw
    PipelineMeter(
            List<Pipeline.PlannedEdge> edges,
            long startedAt,
            IntConsumer exceeded,
            Consumer<Throwable> failed) {
        this.edges = edges;
        this.startedAt = startedAt;
        this.exceeded = exceeded;
        this.failed = failed;
        passed = new long[edges.size()];
        kept = new long[edges.size()];
        truncated = new boolean[edges.size()];
        paused = new boolean[edges.size()];
    }

    /// From now on sinks are called.
    ///
    /// @param resumed reads an edge again
    synchronized void start(IntConsumer resumed) {
        resume = resumed;
        if (edges.stream().anyMatch(edge -> edge.sink().isPresent())) {
            sinks = Optional.of(Thread.ofVirtual().name("cloister-transcript").start(this::feed));
        }
    }

    @Override
    public int allow(int edge, int length) {
        int allowed = length;
        synchronized (this) {
            Optional<Bytes> cap = edges.get(edge).cap();
            if (cap.isPresent()) {
                allowed = (int) Math.min(length, cap.get().value() - passed[edge]);
            }
            passed[edge] += allowed;
        }
        if (allowed < length) {
            exceeded.accept(edge);
        }
        return allowed;
    }

    @Override
    public synchronized boolean record(int edge, byte[] bytes) {
        Pipeline.PlannedEdge planned = edges.get(edge);
        Duration at = Duration.ofNanos(System.nanoTime() - startedAt);
        planned.transcript().ifPresent(most -> keep(edge, most.value(), at, bytes));
        if (planned.sink().isEmpty() || closed) {
            return true;
        }
        waiting.add(
                new Waiting(planned.sink().get(), new Transcript.Entry(at, planned.edge(), bytes)));
        waitingBytes += bytes.length + ENTRY_COST;
        notifyAll();
        paused[edge] = waitingBytes > SINK_ROOM;
        return !paused[edge];
    }

    private void keep(int edge, long most, Duration at, byte[] bytes) {
        long room = truncated[edge] ? 0 : most - kept[edge] - ENTRY_COST;
        int length = Math.clamp(room, 0, bytes.length);
        if (length < bytes.length) {
            truncated[edge] = true;
        }
        if (length > 0) {
            kept[edge] += length + ENTRY_COST;
            byte[] part = length == bytes.length ? bytes : java.util.Arrays.copyOf(bytes, length);
            entries.add(new Transcript.Entry(at, edges.get(edge).edge(), part));
        }
    }

    private void feed() {
        try {
            Optional<Waiting> next = next();
            while (next.isPresent()) {
                next.get().sink().accept(next.get().entry());
                taken(next.get());
                next = next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            synchronized (this) {
                closed = true;
                waiting.clear();
            }
            failed.accept(e);
        }
    }

    private synchronized Optional<Waiting> next() throws InterruptedException {
        while (waiting.isEmpty() && !closed) {
            wait();
        }
        return Optional.ofNullable(waiting.poll());
    }

    private void taken(Waiting it) {
        List<Integer> again = new ArrayList<>();
        synchronized (this) {
            waitingBytes -= it.entry().length() + ENTRY_COST;
            for (int edge = 0; edge < paused.length && waitingBytes <= SINK_ROOM / 2; edge++) {
                if (paused[edge]) {
                    paused[edge] = false;
                    again.add(edge);
                }
            }
        }
        again.forEach(resume::accept);
    }

    /// Waits until the sinks have taken what waits for them.
    void finish() throws InterruptedException {
        Optional<Thread> thread;
        synchronized (this) {
            closed = true;
            notifyAll();
            thread = sinks;
        }
        if (thread.isPresent()) {
            thread.get().join();
        }
    }

    synchronized Transcript transcript() {
        List<PipelineEdge> cut = new ArrayList<>();
        for (int edge = 0; edge < truncated.length; edge++) {
            if (truncated[edge]) {
                cut.add(edges.get(edge).edge());
            }
        }
        return new Transcript(entries, cut);
    }

    synchronized Map<PipelineEdge, OptionalLong> bytes() {
        Map<PipelineEdge, OptionalLong> counts = new LinkedHashMap<>();
        for (int i = 0; i < passed.length; i++) {
            Pipeline.PlannedEdge edge = edges.get(i);
            counts.put(
                    edge.edge(),
                    edge.relayed() ? OptionalLong.of(passed[i]) : OptionalLong.empty());
        }
        return counts;
    }
}
