package io.cloister.samples.plugins.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/// Gathers frames from a channel. Its memory grows with what has arrived, not with what the other
/// end announces.
final class FrameReader {
    private static final int FIRST_SIZE = 8 * 1024;

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
        int needed = Frame.size(buffer);
        if (buffer.remaining() == buffer.capacity()) {
            // Full, and yet no whole frame: the decoder has checked that it is not too long.
            int larger = Math.min(2 * buffer.capacity(), Math.max(needed, FIRST_SIZE));
            buffer = ByteBuffer.allocateDirect(larger).put(buffer);
        } else {
            buffer.compact();
        }
        try {
            return channel.read(buffer);
        } finally {
            buffer.flip();
            if (!buffer.hasRemaining() && buffer.capacity() > FIRST_SIZE) {
                buffer = ByteBuffer.allocateDirect(FIRST_SIZE).limit(0);
            }
        }
    }
}
