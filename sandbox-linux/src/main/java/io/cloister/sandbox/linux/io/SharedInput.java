package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.io.IOException;

/// Reads a blocking descriptor that others share, only when it is ready: so no thread blocks, and
/// its mode, which the shell shares too, is left alone.
public final class SharedInput {

    private static final int BUFFER_SIZE = 64 * 1024;

    private final int fd;
    private final Readiness readiness;
    private final NativeBuffer buffer = new NativeBuffer(BUFFER_SIZE);
    private boolean alwaysReady;
    private volatile boolean closed;

    /// @param fd the descriptor, which is not closed
    public SharedInput(EventLoop loop, int fd) {
        this.fd = fd;
        readiness = new Readiness(loop, fd, EPOLLIN);
    }

    /// Reads, as [java.io.InputStream#read(byte\[\], int, int)] does.
    public int read(byte[] target, int offset, int length) throws IOException {
        if (!alwaysReady) {
            try {
                readiness.await(() -> closed);
            } catch (SandboxException e) {
                // epoll refuses regular files and some devices, which never block for long.
                alwaysReady = true;
            }
        }
        if (closed) {
            readiness.release();
            return -1;
        }
        int count = Kernel.read(fd, buffer, Math.min(length, buffer.size()));
        if (count < 0) {
            throw new IOException("read: " + Errno.nameOf(-count));
        }
        buffer.get(0, target, offset, count);
        return count == 0 ? -1 : count;
    }

    /// Wakes a reader, which then finds the end.
    public void release() {
        closed = true;
        readiness.wake();
    }
}
