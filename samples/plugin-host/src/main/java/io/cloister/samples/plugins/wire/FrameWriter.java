package io.cloister.samples.plugins.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// Writes frames, whole and one after the other, and nobody who writes ever waits: what the socket
/// does not take at once stays here until [#flush()].
///
/// The other end decides how fast it reads. So the time that it may take for a frame is bounded,
/// and what may wait for it is bounded by what two honest ends can ask of each other.
///
/// The channel does not block: an interrupt of a thread that writes would close a blocking one, and
/// interrupts cancel calls here. Thread-safe.
final class FrameWriter {
    static final Duration PATIENCE = Duration.ofSeconds(2);
    static final int MOST_FRAMES = 2 * RunningCalls.MOST;
    private static final long MOST_BYTES = 2L * RunningCalls.TURNS * Frame.LONGEST_BODY;

    private final WritableByteChannel channel;
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
    private long bytes;

    /// Since when the first frame waits.
    private long since;

    /// @param channel not blocking
    FrameWriter(WritableByteChannel channel) {
        this.channel = channel;
    }

    /// Writes one frame, now or later.
    ///
    /// @return whether nothing waits
    /// @throws IOException if the other end is gone, or does not read; then the connection must be
    ///   closed
    synchronized boolean write(Frame frame) throws IOException {
        ByteBuffer next = frame.encode();
        if (waiting.isEmpty()) {
            since = System.nanoTime();
        }
        waiting.add(next);
        bytes += next.remaining();
        if (waiting.size() > MOST_FRAMES || bytes > MOST_BYTES) {
            throw new ProtocolException(
                    "%d messages of %d bytes wait to be read".formatted(waiting.size(), bytes));
        }
        return flush();
    }

    /// Writes as much as the socket takes.
    ///
    /// @return whether nothing waits any more
    /// @throws IOException as [#write(Frame)]
    synchronized boolean flush() throws IOException {
        for (ByteBuffer first = waiting.peek(); first != null; first = waiting.peek()) {
            bytes -= channel.write(first);
            if (first.hasRemaining()) {
                if (System.nanoTime() - since > PATIENCE.toNanos()) {
                    throw new ProtocolException(
                            "a message was not read within " + PATIENCE.toSeconds() + " s");
                }
                return false;
            }
            waiting.remove();
            since = System.nanoTime();
        }
        return true;
    }
}
