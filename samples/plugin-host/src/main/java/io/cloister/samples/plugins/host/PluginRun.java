package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.supervise.EndCause;
import io.cloister.samples.plugins.supervise.EndCause.Kind;
import io.cloister.samples.plugins.wire.CallException;
import io.cloister.samples.plugins.wire.Connection;
import io.cloister.samples.plugins.wire.ProtocolException;
import io.cloister.samples.plugins.wire.Services;
import io.cloister.sandbox.SandboxProcess;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/// One run of a plugin, from the start of its virtual machine to its end. Whatever is wrong with
/// it, it is killed, with the reason kept.
final class PluginRun implements AutoCloseable {
    private final SandboxProcess process;
    private final Connection connection;
    private final Patience patience;
    private final List<LineLog> logs;
    private final Thread reader;
    private final Thread heartbeat;
    private final AtomicReference<Optional<EndCause>> killed =
            new AtomicReference<>(Optional.empty());

    PluginRun(
            String plugin,
            SandboxProcess process,
            Services services,
            Patience patience,
            List<LineLog> logs)
            throws IOException {
        this.logs = logs;
        this.process = process;
        this.patience = patience;
        this.connection = new Connection(process.socket(), services, this::watchEnd);
        // Of its own, so that many busy callers can't keep it from reading.
        this.reader = Thread.ofPlatform().daemon().name("plugin " + plugin).start(this::read);
        this.heartbeat = Thread.ofVirtual().unstarted(this::beat);
    }

    Connection connection() {
        return connection;
    }

    /// Waits until the plugin can be called; one that does not get there is killed.
    ///
    /// @return whether it can be called
    boolean awaitReady() throws InterruptedException {
        try {
            connection.awaitReady(patience.start());
            heartbeat.start();
            return true;
        } catch (TimeoutException e) {
            kill(
                    Kind.HUNG,
                    "could not be called within %s s".formatted(patience.start().toSeconds()));
        } catch (ProtocolException e) {
            // It has ended, or the reader has killed it.
        }
        return false;
    }

    /// Waits until the run is over.
    EndCause awaitEnd() throws InterruptedException {
        var result = process.waitForResult();
        // What it had sent may be the reason.
        reader.join();
        logs.forEach(LineLog::end);
        return EndCause.of(killed.get(), result);
    }

    void kill(Kind kind, String reason) {
        killed.compareAndSet(Optional.empty(), Optional.of(new EndCause(kind, reason)));
        process.destroyForcibly();
    }

    private void read() {
        try {
            String end = serve();
            // Who ends also ends its connection, and has a cause of its own.
            if (!process.waitFor(patience.confirm().toMillis(), TimeUnit.MILLISECONDS)) {
                kill(Kind.PROTOCOL, end);
            }
        } catch (ProtocolException e) {
            kill(Kind.PROTOCOL, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            kill(Kind.HOST, "the host was interrupted");
        } catch (RuntimeException | Error e) {
            // Such as a heap of the host that is full: nobody reads on, so it must not live on.
            kill(Kind.HOST, "the host could not go on reading: " + e);
            throw e;
        }
    }

    private String serve() throws ProtocolException {
        try {
            connection.serve();
            return "closed its connection";
        } catch (ProtocolException e) {
            throw e;
        } catch (IOException e) {
            return "the connection broke: " + e.getMessage();
        }
    }

    private void beat() {
        try {
            while (process.isAlive()) {
                Thread.sleep(patience.pause());
                connection.ping(patience.ping());
            }
        } catch (CallException.TimedOut e) {
            kill(
                    Kind.HUNG,
                    "did not answer a ping within %d s".formatted(patience.ping().toSeconds()));
        } catch (CallException | InterruptedException e) {
            // The run is over, or the reader has seen the end of the connection and ends it.
        }
    }

    private void watchEnd(Connection.Unanswered call) {
        Thread.startVirtualThread(() -> {
            try {
                call.end().get(patience.confirm().toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                kill(
                        Kind.HUNG,
                        "went on with %s, %d ms after it was to end"
                                .formatted(call.operation(), patience.confirm().toMillis()));
            } catch (ExecutionException | InterruptedException e) {
                // The run is over.
            }
        });
    }

    /// Kills what still runs.
    @Override
    public void close() {
        heartbeat.interrupt();
        process.cancel();
        connection.close();
    }
}
