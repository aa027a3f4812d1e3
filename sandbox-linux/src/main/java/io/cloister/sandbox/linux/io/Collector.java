package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop.Registration;

import java.util.Arrays;
import java.util.Optional;

/// Collects what comes out of a pipe, on the loop's thread.
public final class Collector {

    private static final int FIRST_SIZE = 4096;

    /// A program that floods its output must not keep the loop from the others.
    private static final int READS_PER_EVENT = 4;

    /// More than the largest pipe holds.
    private static final int READS_AT_END = 64;

    private final EventLoop loop;
    private final int fd;
    private final ByteBudget budget;
    private final boolean keep;
    private final Registration registration;
    private byte[] bytes = new byte[0];
    private int length;
    private boolean ended;
    private Optional<Throwable> failure = Optional.empty();

    /// @param fd the non-blocking read end; closed at its end
    /// @param keep whether the bytes are kept, or only counted
    public Collector(EventLoop loop, int fd, ByteBudget budget, boolean keep) {
        this.keep = keep;
        this.loop = loop;
        this.fd = fd;
        this.budget = budget;
        registration = loop.register(fd, EPOLLIN, _ -> read(READS_PER_EVENT));
    }

    /// Reads what is there, and ends: the program is gone, and whoever else may hold the pipe has
    /// no part in its output. On the loop's thread only.
    public void drain() {
        read(READS_AT_END);
        finish();
    }

    private void read(int most) {
        for (int i = 0; i < most && !ended; i++) {
            int count = Kernel.read(fd, loop.buffer(), loop.buffer().size());
            if (count > 0) {
                int allowed = budget.take(count);
                if (keep) {
                    keep(allowed);
                }
            } else if (Errno.EAGAIN.is(count)) {
                return;
            } else {
                finish();
            }
        }
    }

    /// A hole in the output must not go unnoticed.
    private void keep(int count) {
        try {
            append(count);
        } catch (OutOfMemoryError e) {
            bytes = new byte[0];
            length = 0;
            failure = Optional.of(e);
            finish();
        }
    }

    /// Why output is missing.
    public Optional<Throwable> failure() {
        return failure;
    }

    private void append(int count) {
        if (length + count > bytes.length) {
            int grown = Math.max(FIRST_SIZE, Math.max(length + count, bytes.length * 2));
            bytes = Arrays.copyOf(bytes, grown);
        }
        loop.buffer().get(0, bytes, length, count);
        length += count;
    }

    /// Stops, whatever else may come. On the loop's thread only.
    public void finish() {
        if (!ended) {
            ended = true;
            registration.close();
        }
    }

    /// What was collected. To be called when it has ended.
    public byte[] bytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
