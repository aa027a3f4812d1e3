package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.manifest.PluginManifest;
import io.cloister.samples.plugins.supervise.EndCause;
import io.cloister.samples.plugins.supervise.Lifecycle;
import io.cloister.samples.plugins.supervise.Lifecycle.GivenUp;
import io.cloister.samples.plugins.supervise.Lifecycle.Happening;
import io.cloister.samples.plugins.supervise.Lifecycle.Running;
import io.cloister.samples.plugins.supervise.Lifecycle.Starting;
import io.cloister.samples.plugins.supervise.Lifecycle.State;
import io.cloister.samples.plugins.supervise.Lifecycle.Stopped;
import io.cloister.samples.plugins.supervise.Lifecycle.Waiting;
import io.cloister.samples.plugins.supervise.RestartPolicy;
import io.cloister.samples.plugins.wire.Connection;
import io.cloister.samples.plugins.wire.Proxies;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A plugin that was loaded. It is started at once, and restarted when it ends. Thread-safe.
public final class Plugin implements AutoCloseable {
    private final PluginManifest manifest;
    private final Launch launch;
    private final RestartPolicy restarts;
    private final Patience patience;
    private final PluginListener listener;
    private final Runnable whenClosed;
    private final Thread supervisor;
    private State state = new Starting(0);
    private CompletableFuture<Connection> connection = new CompletableFuture<>();

    /// Starts the plugin in its sandbox.
    @FunctionalInterface
    interface Launch {
        /// @throws IOException if it ended at once
        /// @throws io.cloister.sandbox.SandboxException if it did not start
        PluginRun start() throws IOException, InterruptedException;
    }

    Plugin(
            PluginManifest manifest,
            Launch launch,
            RestartPolicy restarts,
            Patience patience,
            PluginListener listener,
            Runnable whenClosed) {
        this.manifest = manifest;
        this.launch = launch;
        this.restarts = restarts;
        this.patience = patience;
        this.listener = listener;
        this.whenClosed = whenClosed;
        this.supervisor =
                Thread.ofVirtual().name("supervisor of " + id()).unstarted(this::supervise);
    }

    /// Once, when nobody else has its id.
    void start() {
        supervisor.start();
    }

    /// {@return what its jar says of it}
    public PluginManifest manifest() {
        return manifest;
    }

    /// {@return its id}
    public String id() {
        return manifest.id();
    }

    /// {@return where it is}
    public synchronized State state() {
        return state;
    }

    /// {@return an object whose methods the plugin answers}
    ///
    /// It outlives restarts. Each method waits for its deadline at most, for the start of the
    /// plugin before it; calls end with a [io.cloister.samples.plugins.wire.CallException] if the
    /// plugin does not answer, and may be made by many threads at once. An interrupt of the thread
    /// cancels the call in the plugin too.
    ///
    /// @param point the extension point
    public <T> T extension(Class<T> point) {
        return Proxies.of(point, this::connection);
    }

    private Connection connection() {
        CompletableFuture<Connection> current;
        synchronized (this) {
            current = connection;
        }
        try {
            return current.get(patience.start().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new PluginDownException(String.valueOf(e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw new PluginDownException(id() + " has not started yet");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginDownException("interrupted while " + id() + " started");
        }
    }

    private void supervise() {
        try {
            while (true) {
                switch (state()) {
                    case Starting _ -> run();
                    case Waiting(_, Instant until, _) -> {
                        Thread.sleep(Duration.between(Instant.now(), until));
                        happens(new Happening.Tick(Instant.now()));
                    }
                    case Running _, GivenUp _, Stopped _ -> {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            // It is stopped.
        }
    }

    private void run() throws InterruptedException {
        Instant start = Instant.now();
        EndCause cause;
        try (PluginRun run = launch.start()) {
            if (run.awaitReady()) {
                Instant now = Instant.now();
                happens(new Happening.Ready(now), run.connection());
                listener.on(new PluginEvent.Started(id(), Duration.between(start, now)));
            }
            cause = run.awaitEnd();
        } catch (RuntimeException | IOException e) {
            // Whatever it is, the plugin does not run, and who called it is told.
            cause = new EndCause(EndCause.Kind.HOST, String.valueOf(e.getMessage()));
        }
        if (state() instanceof Stopped) {
            return;
        }
        listener.on(new PluginEvent.Ended(id(), cause));
        Instant end = Instant.now();
        happens(new Happening.Ended(end, cause.text()));
        switch (state()) {
            case Waiting(int failures, Instant until, _) ->
                    listener.on(
                            new PluginEvent.Restarting(
                                    id(), Duration.between(end, until), failures));
            case GivenUp(int failures, _) -> listener.on(new PluginEvent.GivenUp(id(), failures));
            case Starting _, Running _, Stopped _ -> {}
        }
    }

    private synchronized void happens(Happening happening, Connection current) {
        happens(happening);
        connection.complete(current);
    }

    private synchronized void happens(Happening happening) {
        state = Lifecycle.next(state, happening, restarts);
        switch (state) {
            case Starting _ -> connection = new CompletableFuture<>();
            case Running _ -> {}
            case Waiting(_, _, String cause) -> down("is restarted soon; it ended: " + cause);
            case GivenUp(int failures, String cause) ->
                    down("was given up after %d failures; the last: %s".formatted(failures, cause));
            case Stopped() -> down("was stopped");
        }
    }

    private void down(String why) {
        PluginDownException problem = new PluginDownException(id() + " " + why);
        // Callers that wait for its start, and those that come.
        connection.completeExceptionally(problem);
        connection = CompletableFuture.failedFuture(problem);
    }

    /// Ends the plugin and returns when it is dead.
    @Override
    public void close() {
        happens(new Happening.Stop());
        supervisor.interrupt();
        boolean interrupted = false;
        while (true) {
            try {
                supervisor.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        whenClosed.run();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
