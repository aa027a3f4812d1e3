package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.F_GETFL;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A pipe whose both ends do not block, and what a test does with it.
final class Pipe {

    static final EventLoop LOOP = new EventLoop();

    /// What nobody waits for that long has gone wrong.
    static final int PATIENCE_SECONDS = 30;

    /// Long enough that a thread which would go on has done so.
    private static final Duration A_WHILE = Duration.ofMillis(60);

    final int readEnd;
    final int writeEnd;

    Pipe() {
        Kernel.Pair pair = Kernel.pipe(O_CLOEXEC | O_NONBLOCK);
        if (pair.first() < 0) {
            throw new IllegalStateException(Errno.nameOf(-pair.first()));
        }
        readEnd = pair.first();
        writeEnd = pair.second();
    }

    /// Writes as the program would.
    int write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Kernel.write(writeEnd, bytes, 0, bytes.length);
    }

    /// Reads as the program would: the text, empty at the end of the stream.
    Optional<String> read() {
        NativeBuffer buffer = new NativeBuffer(1 << 16);
        int count = Kernel.read(readEnd, buffer, buffer.size());
        if (count < 0) {
            return Optional.empty();
        }
        byte[] bytes = new byte[count];
        buffer.get(0, bytes, 0, count);
        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }

    /// Fills the pipe; returns how many bytes it took.
    int fill() {
        byte[] page = new byte[4096];
        int total = 0;
        int count = Kernel.write(writeEnd, page, 0, page.length);
        while (count > 0) {
            total += count;
            count = Kernel.write(writeEnd, page, 0, page.length);
        }
        return total;
    }

    /// Another descriptor of the write end, as another process would have.
    int anotherWriter() {
        return Kernel.fcntl(writeEnd, F_DUPFD_CLOEXEC, 3);
    }

    static boolean isOpen(int fd) {
        return Kernel.fcntl(fd, F_GETFL, 0) >= 0;
    }

    /// Starts a thread, virtual or not, and gives it time to wait.
    static <T> Task<T> waiting(boolean virtual, Callable<T> action) throws InterruptedException {
        Task<T> task = start(virtual, action);
        Thread.sleep(A_WHILE);
        return task;
    }

    static <T> Task<T> start(boolean virtual, Callable<T> action) {
        FutureTask<T> future = new FutureTask<>(action);
        Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        return new Task<>(builder.start(future), future);
    }

    /// A thread and what comes of it.
    record Task<T>(Thread thread, FutureTask<T> future) {
        T result() throws Exception {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /// Waits until `condition` holds.
    static boolean comesTrue(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            Thread.sleep(2);
        }
        return true;
    }
}
