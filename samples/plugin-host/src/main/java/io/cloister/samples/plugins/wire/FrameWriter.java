package io.cloister.samples.plugins.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Writes frames, whole and one after the other.
///
/// The channel does not block: an interrupt of a thread that writes would close a blocking one, and
/// interrupts cancel calls here. An end that does not read for [#PATIENCE] has ended the
/// connection.
final class FrameWriter {
    static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long PAUSE_NANOS = 200_000;

    private final SocketChannel channel;
    private final ReentrantLock lock = new ReentrantLock();

    /// @param channel not blocking
    FrameWriter(SocketChannel channel) {
        this.channel = channel;
    }

    /// Writes one frame.
    ///
    /// @throws IOException if the other end is gone, or does not read; then the frame may have been
    ///   written in part, and the connection must be closed
    void write(Frame frame) throws IOException {
        ByteBuffer bytes = frame.encode();
        lock.lock();
        try {
            if (channel.write(bytes) == 0 || bytes.hasRemaining()) {
                writeSlowly(bytes);
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeSlowly(ByteBuffer bytes) throws IOException {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) > 0) {
                    start = System.nanoTime();
                } else if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new ProtocolException(
                            "nothing of what was sent was read for " + PATIENCE.toSeconds() + " s");
                } else {
                    // Else the thread could not pause.
                    interrupted |= Thread.interrupted();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
