package io.cloister.sandbox.test.fake;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/// The end of a pipe that the caller reads. It holds all that is scripted, so nobody waits to
/// write.
final class FakePipe extends InputStream {
    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int offset;
    private boolean ended;
    private boolean closed;

    /// {@return the other end}
    OutputStream input() {
        return new OutputStream() {
            @Override
            public void write(int b) {
                append(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                byte[] copy = new byte[length];
                System.arraycopy(bytes, from, copy, 0, length);
                append(copy);
            }
        };
    }

    private synchronized void append(byte[] bytes) {
        if (!closed && bytes.length > 0) {
            chunks.addLast(bytes);
            notifyAll();
        }
    }

    /// Nothing is written any more.
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] buffer, int start, int length) throws IOException {
        Objects.checkFromIndexSize(start, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        while (chunks.isEmpty() && !ended && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while it waited for output");
            }
        }
        if (closed) {
            throw new IOException("Stream closed");
        }
        if (chunks.isEmpty()) {
            return -1;
        }
        byte[] first = chunks.getFirst();
        int count = Math.min(length, first.length - offset);
        System.arraycopy(first, offset, buffer, start, count);
        offset += count;
        if (offset == first.length) {
            chunks.removeFirst();
            offset = 0;
        }
        return count;
    }

    @Override
    public synchronized int available() {
        return chunks.stream().mapToInt(chunk -> chunk.length).sum() - offset;
    }

    @Override
    public synchronized void close() {
        closed = true;
        chunks.clear();
        offset = 0;
        notifyAll();
    }
}
