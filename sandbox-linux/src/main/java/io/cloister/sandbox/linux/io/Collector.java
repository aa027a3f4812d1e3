package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop.Registration;
import io.cloister.sandbox.linux.program.Errno;
import java.util.Arrays;

/// Collects what comes out of a pipe, on the loop's thread.
public final class Collector {

    private static final int FIRST_SIZE = 4096;

    /// A program that floods its output must not keep the loop from the others.
    private static final int READS_PER_EVENT = 4;

    private final EventLoop loop;
    private final int fd;
    private final ByteBudget budget;
    private final Registration registration;
    private byte[] bytes = new byte[0];
    private int length;
    private boolean ended;

    /// @param fd the non-blocking read end; closed at its end
    public Collector(EventLoop loop, int fd, ByteBudget budget) {
        this.loop = loop;
        this.fd = fd;
        this.budget = budget;
        registration = loop.register(fd, EPOLLIN, _ -> read(READS_PER_EVENT));
    }

    /// Reads to the end of what is there. On the loop's thread only, when nobody writes any more.
    public void drain() {
        read(Integer.MAX_VALUE);
    }

    private void read(int most) {
        for (int i = 0; i < most && !ended; i++) {
            int count = Kernel.read(fd, loop.buffer(), loop.buffer().size());
            if (count > 0) {
                append(budget.take(count));
            } else if (Errno.EAGAIN.is(count)) {
                return;
            } else {
                finish();
            }
        }
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
            registration.cancel();
            Kernel.close(fd);
        }
    }

    /// What was collected. To be called when it has ended.
    public byte[] bytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
