package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.F_SETPIPE_SZ;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/// Reads a pipe whose other end a sandboxed program writes. A reader parks; it never blocks its
/// carrier.
///
/// The descriptor is closed at the end of the stream, and when the program has ended: what is still
/// in the pipe then is kept in memory, so a caller that forgets to close leaks nothing.
public final class PipeInputStream extends InputStream {

    private static final int BUFFER_SIZE = 64 * 1024;

    /// Larger ones were slower: what is written is out of the cache before it is read.
    private static final int LARGE_PIPE = 256 * 1024;

    /// More than a pipe holds; whoever else writes has no part in the program's output.
    private static final int KEPT_AT_END = 4 * LARGE_PIPE;

    private final int fd;
    private final Readiness readiness;
    private final ByteBudget budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final NativeBuffer buffer = new NativeBuffer(BUFFER_SIZE);
    private ByteBuffer rest = ByteBuffer.allocate(0);
    private boolean large;
    private volatile boolean ended;
    private volatile boolean programEnded;
    private volatile boolean closed;

    /// @param fd the non-blocking read end; this stream closes it
    /// @param budget what may be read
    public PipeInputStream(EventLoop loop, int fd, ByteBudget budget) {
        this.fd = fd;
        this.budget = budget;
        readiness = new Readiness(loop, fd, EPOLLIN);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            while (true) {
                if (closed) {
                    throw new IOException("stream closed");
                }
                if (rest.hasRemaining()) {
                    int count = Math.min(length, rest.remaining());
                    rest.get(target, offset, count);
                    return count;
                }
                if (ended) {
                    return -1;
                }
                // Asked before the read: what is written in between must not be taken for nothing.
                boolean last = programEnded;
                int count = fill(length);
                if (count > 0) {
                    buffer.get(0, target, offset, count);
                    return count;
                }
                if (Errno.EAGAIN.is(count) && last) {
                    end();
                } else if (Errno.EAGAIN.is(count)) {
                    readiness.await(() -> programEnded || closed);
                } else if (count < 0) {
                    throw new IOException("read: " + Errno.nameOf(-count));
                }
            }
        } finally {
            unlock();
        }
    }

    /// Reads at most `length` bytes into the buffer. Returns how many of them may pass; 0 at the
    /// end; or -errno.
    private int fill(int length) {
        int count = Kernel.read(fd, buffer, Math.min(length, buffer.size()));
        if (count == BUFFER_SIZE && !large) {
            grow();
        }
        // The master of a pseudo-terminal, when nobody has the other side open any more.
        boolean over = Errno.EIO.is(count);
        int allowed = count > 0 ? budget.take(count) : over ? 0 : count;
        if (allowed == 0) {
            end();
        }
        return allowed;
    }

    /// A pipe that is found full is made larger, once: then a fast writer is waited for less often.
    /// Refused (many pipes of one user), it stays as it is. The buffer stays small, so that it is
    /// still in the cache when it is copied on.
    private void grow() {
        large = true;
        Kernel.fcntl(fd, F_SETPIPE_SZ, LARGE_PIPE);
    }

    /// Tells that nobody writes any more.
    public void programEnded() {
        programEnded = true;
        readiness.wake();
        if (lock.tryLock()) {
            unlock();
        }
    }

    /// Unlocks, after keeping what is left if the program ended in the meantime.
    private void unlock() {
        if (lock.getHoldCount() == 1 && programEnded && !ended) {
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            int room = KEPT_AT_END;
            for (int n = fill(buffer.size()); n > 0 && room > 0; n = fill(buffer.size())) {
                room -= n;
                byte[] bytes = new byte[n];
                buffer.get(0, bytes, 0, n);
                kept.writeBytes(bytes);
            }
            end();
            rest = ByteBuffer.wrap(kept.toByteArray());
        }
        lock.unlock();
        // The end of the program may have been told since the look above, when the lock was taken.
        if (programEnded && !ended && lock.tryLock()) {
            unlock();
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            readiness.release();
            Kernel.close(fd);
        }
    }

    @Override
    public void close() {
        closed = true;
        readiness.wake();
        lock.lock();
        try {
            end();
            rest = ByteBuffer.allocate(0);
        } finally {
            lock.unlock();
        }
    }
}
