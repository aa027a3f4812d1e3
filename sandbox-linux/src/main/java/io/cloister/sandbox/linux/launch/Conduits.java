package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_SETFL;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.O_WRONLY;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.Relay;
import io.cloister.sandbox.linux.standstill.Standstill;
import io.cloister.sandbox.linux.standstill.ThreadLook;
import io.cloister.sandbox.linux.watch.ThreadLooks;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.syscall.SyscallAbi;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The pipes of one pipeline.
///
/// An edge is one pipe, whose ends two programs get, or two with a [Relay] between them. The JVM
/// keeps no end that it does not need: one of a writer would hide the end of the stream from the
/// reader, one of a reader the broken pipe from the writer.
///
/// Anybody may open the pipes by name (mode 0666), as `/dev/stdin`: the two sides may be different
/// host users, and only who has an end can reach the name.
final class Conduits implements Plumbing {

    private static final Logger LOG = LoggerFactory.getLogger(Conduits.class);
    private static final int F_GETFD = 1;
    private static final int STANDARD_STREAMS = 3;
    private static final int ANYBODY = 0666;

    private final EventLoop loop;
    private final List<String> names;
    private final Optional<ThreadLooks> looks;

    /// What each stage gets: numbers of the program to descriptors.
    private final Map<Integer, Map<Integer, Integer>> ends = new HashMap<>();

    private final Map<Integer, Relay> relays = new HashMap<>();
    private final Map<Integer, SandboxRun> runs = new TreeMap<>();
    private final Map<Long, String> inodes = new HashMap<>();
    private final Set<Long> outside = new HashSet<>();

    /// The last look at all threads, if nothing was on its way just after it.
    private Optional<List<ThreadLook>> lastLook = Optional.empty();

    private String lastReason = "";

    private Conduits(EventLoop loop, List<String> names, Optional<ThreadLooks> looks) {
        this.loop = loop;
        this.names = names;
        this.looks = looks;
    }

    /// Makes all pipes; on failure none stays open.
    static Conduits open(
            EventLoop loop,
            List<String> names,
            List<Edge> edges,
            Observer observer,
            boolean standstills) {
        Conduits conduits =
                new Conduits(loop, List.copyOf(names), standstills ? looks() : Optional.empty());
        try {
            for (int i = 0; i < edges.size(); i++) {
                conduits.open(i, edges.get(i), observer);
            }
            return conduits;
        } catch (RuntimeException e) {
            conduits.close();
            throw e;
        }
    }

    private static Optional<ThreadLooks> looks() {
        if (!ThreadLooks.isPossible()) {
            throw new SandboxUnavailableException(
                    "deadlocks of a pipeline cannot be told: this kernel does not say what threads"
                            + " wait for",
                    "/proc/<pid>/syscall and /proc/<pid>/timers",
                    "run a kernel with CONFIG_HAVE_ARCH_TRACEHOOK and CONFIG_CHECKPOINT_RESTORE, or"
                            + " ignoreDeadlocks()");
        }
        return SyscallAbi.ofThisJvm().map(ThreadLooks::new);
    }

    private synchronized void open(int index, Edge edge, Observer observer) {
        Kernel.Pair written = pipe(edge);
        end(edge.from(), edge.output(), written.second());
        if (!edge.relayed()) {
            end(edge.to(), edge.input(), written.first());
            return;
        }
        Kernel.Pair read;
        try {
            read = pipe(edge);
        } catch (RuntimeException e) {
            Kernel.close(written.first());
            throw e;
        }
        end(edge.to(), edge.input(), read.first());
        Relay relay = new Relay(loop, written.first(), read.second(), meter(index, edge, observer));
        relays.put(index, relay);
        nonBlocking(written.first(), O_RDONLY);
        nonBlocking(read.second(), O_WRONLY);
        relay.start();
    }

    private static Relay.Meter meter(int index, Edge edge, Observer observer) {
        return new Relay.Meter() {
            @Override
            public int allow(int length) {
                return observer.allow(index, length);
            }

            @Override
            public boolean isRecording() {
                return edge.recorded();
            }

            @Override
            public boolean record(byte[] bytes) {
                return observer.record(index, bytes);
            }
        };
    }

    private Kernel.Pair pipe(Edge edge) {
        Kernel.Pair pair = Kernel.pipe(O_CLOEXEC);
        LaunchErrors.check(SetupStep.OPEN_STREAMS, "pipe for " + edge.name(), pair.first());
        try {
            // Both ends are the same inode.
            LaunchErrors.check(
                    SetupStep.OPEN_STREAMS,
                    "mode of a pipe",
                    Kernel.changeMode(pair.first(), ANYBODY));
            inodes.put(Kernel.status(pair.first()).inode(), edge.name());
            return pair;
        } catch (RuntimeException e) {
            Kernel.close(pair.first());
            Kernel.close(pair.second());
            throw e;
        }
    }

    /// The mode belongs to this end alone; the program's end stays blocking.
    private static void nonBlocking(int fd, int access) {
        LaunchErrors.check(
                SetupStep.OPEN_STREAMS,
                "non-blocking pipe",
                Kernel.fcntl(fd, F_SETFL, access | O_NONBLOCK));
    }

    private void end(int stage, int number, int fd) {
        ends.computeIfAbsent(stage, _ -> new TreeMap<>()).put(number, fd);
    }

    @Override
    public SandboxProcess launch(int stage, SandboxBackend backend, Command command) {
        if (!(backend instanceof LinuxBackend linux)) {
            throw new IllegalArgumentException(
                    "all stages must be sandboxes of this system, was " + backend.getClass());
        }
        Map<Integer, Integer> its;
        synchronized (this) {
            its = Map.copyOf(ends.getOrDefault(stage, Map.of()));
        }
        Command whole = command;
        Map<Integer, Integer> streams = new TreeMap<>();
        for (Map.Entry<Integer, Integer> end : its.entrySet()) {
            if (end.getKey() < STANDARD_STREAMS) {
                streams.put(end.getKey(), end.getValue());
            } else {
                whole = whole.descriptor(end.getKey(), end.getValue());
            }
        }
        Set<Long> handedIn = new HashSet<>();
        for (int fd : command.descriptors().values()) {
            LaunchErrors.check(
                    SetupStep.DESCRIPTORS, "descriptor " + fd, Kernel.fcntl(fd, F_GETFD, 0));
            handedIn.add(Kernel.status(fd).inode());
        }
        SandboxRun run = linux.launch(whole, streams);
        synchronized (this) {
            runs.put(stage, run);
            outside.addAll(run.inodes());
            outside.addAll(handedIn);
            closeEnds(stage);
        }
        return run;
    }

    private void closeEnds(int stage) {
        Map<Integer, Integer> its = ends.remove(stage);
        if (its != null) {
            its.values().forEach(Kernel::close);
        }
    }

    private synchronized SandboxRun run(int stage) {
        SandboxRun run = runs.get(stage);
        if (run == null) {
            throw new IllegalArgumentException("stage #" + stage + " was not launched");
        }
        return run;
    }

    @Override
    public void awaitStart(int stage) {
        run(stage).awaitStart();
    }

    @Override
    public long endedAt(int stage) {
        return run(stage).endedAt();
    }

    @Override
    public void resume(int edge) {
        Relay relay;
        synchronized (this) {
            relay = relays.get(edge);
        }
        if (relay != null) {
            relay.resume();
        }
    }

    @Override
    public synchronized Optional<List<Evidence>> standstill() {
        if (looks.isEmpty()) {
            return Optional.empty();
        }
        Set<Integer> running = new TreeSet<>();
        List<ThreadLook> now = new ArrayList<>();
        for (Map.Entry<Integer, SandboxRun> stage : runs.entrySet()) {
            SandboxRun run = stage.getValue();
            if (run.isAlive()) {
                running.add(stage.getKey());
                OptionalLong root = run.processes().firstId();
                if (run.isListened() || root.isEmpty()) {
                    lastLook = Optional.empty();
                    return Optional.empty();
                }
                try {
                    now.addAll(looks.get().below(stage.getKey(), (int) root.getAsLong()));
                } catch (UncheckedIOException e) {
                    // It cannot be told, so nothing is said; the limits of the sandboxes remain.
                    LOG.debug("the threads of a pipeline cannot be looked at", e);
                    lastLook = Optional.empty();
                    return Optional.empty();
                }
            }
        }
        Optional<List<ThreadLook>> before = lastLook;
        // Asked behind this look: what is asked now lies between this one and the next.
        lastLook =
                relays.values().stream().allMatch(Relay::isQuiet)
                        ? Optional.of(now)
                        : Optional.empty();
        if (before.isEmpty()) {
            return Optional.empty();
        }
        return switch (Standstill.judge(
                names, running, before.get(), now, true, new Standstill.Pipes(inodes, outside))) {
            case Standstill.Verdict.Stuck(var evidence) -> Optional.of(evidence);
            case Standstill.Verdict.Open(var why) -> {
                if (!why.equals(lastReason)) {
                    lastReason = why;
                    LOG.debug("no standstill: {}", why);
                }
                yield Optional.empty();
            }
        };
    }

    @Override
    public void close() {
        List<Relay> open;
        synchronized (this) {
            List.copyOf(ends.keySet()).forEach(this::closeEnds);
            open = List.copyOf(relays.values());
        }
        open.forEach(Relay::end);
    }
}
