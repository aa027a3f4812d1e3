package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLOUT;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TerminalCalls;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/// Writes a pipe that a sandboxed program reads. A writer parks; it never blocks its carrier.
public final class PipeOutputStream extends OutputStream implements Sink {

    private static final int CHUNK = 64 * 1024;

    private final int fd;
    private final boolean terminal;
    private final Readiness readiness;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean released;
    private volatile boolean closed;

    /// @param fd the non-blocking write end; this stream closes it
    public PipeOutputStream(EventLoop loop, int fd) {
        this(loop, fd, false);
    }

    /// @param fd the non-blocking write end; this stream closes it
    /// @param terminal whether it is the master of a pseudo-terminal
    public PipeOutputStream(EventLoop loop, int fd, boolean terminal) {
        this.fd = fd;
        this.terminal = terminal;
        readiness = new Readiness(loop, fd, EPOLLOUT);
    }

    /// Writes what there is room for, without waiting.
    ///
    /// @return how many bytes were written
    public int writeNow(byte[] source) {
        lock.lock();
        try {
            int done = 0;
            while (done < source.length && !closed) {
                int chunk = Math.min(CHUNK, source.length - done);
                int count = Kernel.write(fd, source, done, chunk);
                if (count <= 0) {
                    break;
                }
                done += count;
            }
            return done;
        } finally {
            unlock();
        }
    }

    /// Writes the first `length` bytes.
    ///
    /// @return false if the program reads no more, or this stream was closed
    @Override
    public boolean tryWrite(byte[] source, int length) throws IOException {
        try {
            write(source, 0, length);
            return true;
        } catch (EndedException e) {
            return false;
        }
    }

    /// Nobody is there to read.
    private static final class EndedException extends IOException {
        private static final long serialVersionUID = 1;

        EndedException(String message) {
            super(message);
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /// @throws IOException with the message `Broken pipe` when the program has closed its end
    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        lock.lock();
        try {
            int done = 0;
            while (done < length) {
                if (closed) {
                    throw new EndedException("stream closed");
                }
                int chunk = Math.min(CHUNK, length - done);
                int count = Kernel.write(fd, source, offset + done, chunk);
                if (count >= 0) {
                    done += count;
                } else if (Errno.EAGAIN.is(count) && terminal && TerminalCalls.isHungUp(fd)) {
                    // A master takes bytes without a reader until it is full; waiting would be
                    // over at once, again and again.
                    throw new EndedException("nobody has the terminal open");
                } else if (Errno.EAGAIN.is(count)) {
                    readiness.await(() -> closed);
                } else if (Errno.EPIPE.is(count)) {
                    throw new EndedException("Broken pipe");
                } else {
                    throw new IOException("write: " + Errno.nameOf(-count));
                }
            }
        } finally {
            unlock();
        }
    }

    /// Unlocks; whoever does so first after the stream was closed closes the descriptor.
    private void unlock() {
        if (closed && !released && lock.getHoldCount() == 1) {
            released = true;
            readiness.release();
            Kernel.close(fd);
        }
        lock.unlock();
        // Whoever closed the stream since the look above found the lock taken, and went away.
        if (closed && !released && lock.tryLock()) {
            unlock();
        }
    }

    /// Never waits: a thread that writes is woken, and closes the descriptor on its way out.
    @Override
    public void close() {
        closed = true;
        readiness.wake();
        if (lock.tryLock()) {
            unlock();
        }
    }
}
