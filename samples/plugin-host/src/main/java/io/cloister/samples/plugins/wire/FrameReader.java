package io.cloister.samples.plugins.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/// Gathers frames from a channel. Its memory grows with what has arrived, not with what the other
/// end announces; and each byte is moved a few times at most, however few come at a time.
final class FrameReader {
    static final int FIRST_SIZE = 8 * 1024;

    private final ReadableByteChannel channel;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(FIRST_SIZE).limit(0);

    FrameReader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /// The next frame of what has arrived already.
    Optional<Frame> next() throws ProtocolException {
        return Frame.decode(buffer);
    }

    /// Reads once.
    ///
    /// @return how many bytes came, -1 at the end
    int fill() throws IOException {
        makeRoom();
        int start = buffer.position();
        buffer.position(buffer.limit()).limit(buffer.capacity());
        try {
            return channel.read(buffer);
        } finally {
            buffer.limit(buffer.position()).position(start);
        }
    }

    private void makeRoom() throws ProtocolException {
        if (!buffer.hasRemaining()) {
            buffer =
                    buffer.capacity() > FIRST_SIZE
                            ? ByteBuffer.allocateDirect(FIRST_SIZE)
                            : buffer.clear();
            buffer.limit(0);
        } else if (buffer.remaining() == buffer.capacity()) {
            // Full, and yet no whole frame: the decoder has checked that it is not too long.
            int larger = Math.min(2 * buffer.capacity(), Math.max(Frame.size(buffer), FIRST_SIZE));
            buffer = ByteBuffer.allocateDirect(larger).put(buffer).flip();
        } else if (buffer.limit() == buffer.capacity()) {
            // The frame then begins the buffer, so that this does not happen to it again.
            buffer.compact().flip();
        }
    }

    int capacity() {
        return buffer.capacity();
    }
}
