package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.OutputConsumer;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.io.Sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/// Copies one stream, on a virtual thread of its own.
final class Pump {

    private static final int CHUNK = 64 * 1024;

    private final String name;
    private final Copy copy;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private interface Copy {
        void run() throws IOException;
    }

    private Pump(String name, Copy copy) {
        this.name = name;
        this.copy = copy;
    }

    /// Feeds the program. That it does not read to the end is its own affair, and nothing waits for
    /// the source.
    static Pump input(String name, InputStream source, Sink sink) {
        Pump pump =
                new Pump(
                        name,
                        () -> {
                            try (source;
                                    sink) {
                                byte[] buffer = new byte[CHUNK];
                                int count = source.read(buffer);
                                while (count >= 0 && sink.tryWrite(buffer, count)) {
                                    count = source.read(buffer);
                                }
                            }
                        });
        pump.ended.complete(null);
        return pump;
    }

    /// Stores what the program writes.
    static Pump output(String name, InputStream source, OutputStream sink) {
        return new Pump(
                name,
                () -> {
                    try (source;
                            sink) {
                        source.transferTo(sink);
                    }
                });
    }

    /// Shows what the program writes to a consumer.
    static Pump consumer(String name, InputStream source, OutputConsumer consumer) {
        return new Pump(
                name,
                () -> {
                    try (source) {
                        byte[] buffer = new byte[CHUNK];
                        for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
                            consumer.accept(ByteBuffer.wrap(buffer, 0, n).asReadOnlyBuffer());
                        }
                    }
                });
    }

    void start() {
        Thread.ofVirtual().name("cloister-" + name).start(this::run);
    }

    private void run() {
        try {
            copy.run();
            ended.complete(null);
        } catch (IOException e) {
            ended.completeExceptionally(new SandboxException(name + " failed: " + e, e));
        } catch (RuntimeException | Error e) {
            ended.completeExceptionally(e);
        }
    }

    /// Ends when the last byte is stored, or exceptionally when one could not be.
    CompletableFuture<Void> ended() {
        return ended;
    }
}
