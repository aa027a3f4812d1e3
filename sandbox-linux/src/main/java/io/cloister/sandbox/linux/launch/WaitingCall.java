package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import io.cloister.sandbox.linux.ffm.FileCalls;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.SeccompListener.Notification;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallRequest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A system call that waits for its answer. It is answered once: by its handler, when its time is
/// over, or not at all, since the run has ended. Thread-safe.
final class WaitingCall implements SyscallRequest {

    /// PATH_MAX: no longer text is taken by any call.
    private static final int LONGEST_TEXT = 4096;

    private static final int MOST_BYTES = 65536;

    private final CallAnswers answers;
    private final Notification notification;
    private final Syscall call;
    private final SyscallHandler handler;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile Optional<EventLoop.Timer> deadline = Optional.empty();
    private volatile Optional<Thread> thread = Optional.empty();

    WaitingCall(
            CallAnswers answers, Notification notification, Syscall call, SyscallHandler handler) {
        this.answers = answers;
        this.notification = notification;
        this.call = call;
        this.handler = handler;
    }

    SyscallHandler handler() {
        return handler;
    }

    Notification notification() {
        return notification;
    }

    /// Lets a virtual thread find the answer.
    ///
    /// @param latest answers when the time is over
    void begin(EventLoop.Timer latest, Runnable handling) {
        deadline = Optional.of(latest);
        Thread answering = Thread.ofVirtual().name("cloister-syscall").unstarted(handling);
        thread = Optional.of(answering);
        answering.start();
    }

    /// Takes the right to answer, which there is once.
    boolean answered() {
        boolean first = answered.compareAndSet(false, true);
        deadline.ifPresent(EventLoop.Timer::cancel);
        return first;
    }

    boolean isAnswered() {
        return answered.get();
    }

    /// Tells the handler that nobody waits for it any more.
    void interrupt() {
        thread.ifPresent(Thread::interrupt);
    }

    @Override
    public Syscall call() {
        return call;
    }

    @Override
    public long thread() {
        return notification.thread();
    }

    @Override
    public long argument(int index) {
        Objects.checkIndex(index, notification.arguments().length);
        return notification.arguments()[index];
    }

    @Override
    public Optional<String> text(int index) {
        return read(argument(index), LONGEST_TEXT)
                .map(bytes -> {
                    int end = 0;
                    while (end < bytes.length && bytes[end] != 0) {
                        end++;
                    }
                    return new String(bytes, 0, end, StandardCharsets.UTF_8);
                });
    }

    @Override
    public Optional<byte[]> bytes(int index, int length) {
        if (length < 0 || length > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "length must be 0 to " + MOST_BYTES + ", was " + length);
        }
        return read(argument(index), length).filter(bytes -> bytes.length == length);
    }

    /// As much of the memory as is there; empty if there is none, or it cannot be looked at.
    private Optional<byte[]> read(long address, int length) {
        if (address <= 0 || length == 0) {
            return length == 0 ? Optional.of(new byte[0]) : Optional.empty();
        }
        int memory =
                Kernel.open("/proc/" + notification.thread() + "/mem", O_RDONLY | O_CLOEXEC, 0);
        if (memory < 0) {
            return Optional.empty();
        }
        try {
            byte[] bytes = new byte[length];
            int count = FileCalls.read(memory, address, bytes);
            // Only a thread that still waits has its id to itself.
            return count > 0 && answers.isWaiting(notification)
                    ? Optional.of(Arrays.copyOf(bytes, count))
                    : Optional.empty();
        } finally {
            Kernel.close(memory);
        }
    }

    @Override
    public String toString() {
        return call.label() + " of thread " + thread();
    }
}
