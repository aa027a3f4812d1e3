package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.wire.Frame.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.Optional;

class FrameTest {
    private static final Frame SOME = new Frame(Kind.CALL, 42, new byte[] {1, 2, 3});

    @Test
    void whatIsEncodedIsDecoded() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(100).put(SOME.encode()).put(SOME.encode()).flip();

        for (int i = 0; i < 2; i++) {
            Frame frame = Frame.decode(bytes).orElseThrow();
            assertThat(frame.kind()).isEqualTo(Kind.CALL);
            assertThat(frame.id()).isEqualTo(42);
            assertThat(frame.body()).containsExactly(1, 2, 3);
        }
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void ofATruncatedFrameNothingIsTaken() throws Exception {
        ByteBuffer whole = SOME.encode();
        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer part = whole.slice(0, length);
            assertThat(Frame.decode(part)).isEmpty();
            assertThat(part.position()).isZero();
        }
        assertThat(Frame.decode(whole)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 0, 8, Frame.LONGEST_BODY + 10, Integer.MAX_VALUE})
    void aLengthThatNoFrameHasIsRefusedAtOnce(int length) {
        ByteBuffer bytes = ByteBuffer.allocate(4).putInt(length).flip();

        assertThatThrownBy(() -> Frame.decode(bytes))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(Integer.toUnsignedString(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 7, 127})
    void anUnknownKindIsRefused(int kind) {
        ByteBuffer bytes = ByteBuffer.allocate(13).putInt(9).put((byte) kind).putLong(1).flip();

        assertThatThrownBy(() -> Frame.decode(bytes))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("kind " + kind);
    }

    @Test
    void theLongestBodyPassesAndNoLongerOne() throws Exception {
        Frame longest = new Frame(Kind.REPLY, 1, new byte[Frame.LONGEST_BODY]);
        assertThat(Frame.decode(longest.encode()).orElseThrow().body()).hasSize(Frame.LONGEST_BODY);

        Frame longer = new Frame(Kind.REPLY, 1, new byte[Frame.LONGEST_BODY + 1]);
        assertThatThrownBy(longer::encode).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8000, 8179, 8180, 100_000, Frame.LONGEST_BODY})
    void framesAreGatheredFromAChannelThatDribbles(int length) throws Exception {
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) 7);
        ByteBuffer two = ByteBuffer.allocate(length + 100);
        two.put(new Frame(Kind.REPLY, 1, body).encode()).put(SOME.encode()).flip();
        FrameReader reader = new FrameReader(Channels.newChannel(dribbling(two)));

        Frame first = next(reader);
        assertThat(first.body()).isEqualTo(body);
        assertThat(next(reader).id()).isEqualTo(42);
        assertThat(reader.fill()).isEqualTo(-1);
    }

    private static Frame next(FrameReader reader) throws Exception {
        Optional<Frame> frame = reader.next();
        while (frame.isEmpty()) {
            assertThat(reader.fill()).isPositive();
            frame = reader.next();
        }
        return frame.get();
    }

    /// A stream that gives at most 999 bytes at a time.
    private static InputStream dribbling(ByteBuffer bytes) {
        return new ByteArrayInputStream(bytes.array(), 0, bytes.limit()) {
            @Override
            public int read(byte[] to, int offset, int length) {
                return super.read(to, offset, Math.min(length, 999));
            }
        };
    }
}
