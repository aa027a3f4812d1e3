package io.cloister.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/// Cuts a stream where its writer or a pipe happened to. Each element has bytes of its own.
final class OutputChunks implements OutputPublisher.Splitter<ByteBuffer> {

    /// The most bytes of one element.
    static final int LONGEST = 16 * 1024;

    private final byte[] buffer = new byte[LONGEST];

    @Override
    public Optional<ByteBuffer> next(InputStream stream) throws IOException {
        int length = stream.read(buffer);
        return length < 0
                ? Optional.empty()
                : Optional.of(ByteBuffer.wrap(Arrays.copyOf(buffer, length)).asReadOnlyBuffer());
    }
}
