package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

class FrameReaderTest {
    /// As who sends a byte at a time.
    private record Drops(ByteBuffer bytes) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer into) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            into.put(bytes.get());
            return 1;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /// To move the frame for each byte takes minutes.
    @Test
    @Timeout(10)
    void aLargeFrameInDropsCostsNoMoreThanItsLength() throws IOException {
        Frame small = new Frame(Frame.Kind.REPLY, 1, new byte[3]);
        Frame large = new Frame(Frame.Kind.REPLY, 2, new byte[Frame.LONGEST_BODY]);
        ByteBuffer bytes =
                ByteBuffer.allocate(2 * Frame.LONGEST_BODY)
                        .put(small.encode())
                        .put(large.encode())
                        .put(small.encode())
                        .flip();
        FrameReader reader = new FrameReader(new Drops(bytes));

        assertThat(next(reader).id()).isEqualTo(1);
        assertThat(next(reader).body()).hasSize(Frame.LONGEST_BODY);
        assertThat(next(reader).id()).isEqualTo(1);
        assertThat(reader.capacity()).isEqualTo(FrameReader.FIRST_SIZE);
    }

    private static Frame next(FrameReader reader) throws IOException {
        Optional<Frame> frame = reader.next();
        while (frame.isEmpty()) {
            assertThat(reader.fill()).isPositive();
            frame = reader.next();
        }
        return frame.get();
    }
}
