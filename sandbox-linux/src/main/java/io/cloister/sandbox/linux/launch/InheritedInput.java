package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.SharedInput;

import java.io.IOException;
import java.io.InputStream;

/// The JVM's own standard input, which is not ours to close or to change the mode of.
final class InheritedInput extends InputStream {

    private final SharedInput input;

    InheritedInput(EventLoop loop) {
        input = new SharedInput(loop, 0);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return input.read(target, offset, length);
    }

    @Override
    public void close() {
        input.release();
    }
}
