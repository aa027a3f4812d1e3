package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.spi.Joined;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.spi.SessionBackend;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Stands in front of a provider: notes what is run, and closes what was left open. Thread-safe.
final class WatchedProvider implements SandboxProvider, AutoCloseable {

    /// How many of the last runs are kept to be told of.
    static final int KEPT = 20;

    private final SandboxProvider actual;
    private final Set<WatchedBackend> open = ConcurrentHashMap.newKeySet();
    private final Deque<WatchedRun> runs = new ArrayDeque<>();
    private int forgotten;

    WatchedProvider(SandboxProvider actual) {
        this.actual = actual;
    }

    /// A command that was started.
    record WatchedRun(Command command, SandboxProcess process) {}

    private synchronized SandboxProcess noted(Command command, SandboxProcess process) {
        runs.addLast(new WatchedRun(command, process));
        if (runs.size() > KEPT) {
            runs.removeFirst();
            forgotten++;
        }
        return process;
    }

    /// The last runs, the oldest first.
    synchronized List<WatchedRun> runs() {
        return List.copyOf(runs);
    }

    /// How many runs came before those.
    synchronized int forgotten() {
        return forgotten;
    }

    @Override
    public String name() {
        return actual.name() + ", watched by a test";
    }

    @Override
    public boolean isSupported() {
        return actual.isSupported();
    }

    @Override
    public HostReport probe() {
        return actual.probe();
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
        return watched(actual.open(spec, handlers));
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers, Joined joined) {
        SessionBackend session =
                joined.session() instanceof WatchedSession watched
                        ? watched.actual()
                        : joined.session();
        return watched(
                actual.open(
                        spec,
                        handlers,
                        new Joined(session, joined.namespaces(), joined.tracing())));
    }

    private SandboxBackend watched(SandboxBackend backend) {
        WatchedBackend watched = new WatchedBackend(backend);
        open.add(watched);
        return watched;
    }

    @Override
    public Plumbing plumb(
            List<String> stages,
            List<Plumbing.Edge> edges,
            Plumbing.Observer observer,
            boolean standstills) {
        return new WatchedPlumbing(
                actual.plumb(stages, edges, observer, standstills),
                (plumbing, stage, backend, command) ->
                        noted(
                                command,
                                plumbing.launch(
                                        stage,
                                        backend instanceof WatchedBackend watched
                                                ? watched.backend
                                                : backend,
                                        command)));
    }

    /// Closes the sandboxes that are open.
    @Override
    public void close() {
        open.forEach(WatchedBackend::close);
    }

    private final class WatchedBackend implements SandboxBackend {
        private final SandboxBackend backend;

        private WatchedBackend(SandboxBackend backend) {
            this.backend = backend;
        }

        @Override
        public SandboxProcess start(Command command) {
            return noted(command, backend.start(command));
        }

        @Override
        public SandboxProcess launch(Command command) {
            return noted(command, backend.launch(command));
        }

        @Override
        public SessionBackend open() {
            return new WatchedSession(backend.open(), WatchedProvider.this::noted);
        }

        @Override
        public String explain(Command command) {
            return backend.explain(command);
        }

        @Override
        public void close() {
            backend.close();
            open.remove(this);
        }
    }
}
