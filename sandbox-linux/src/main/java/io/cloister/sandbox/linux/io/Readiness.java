package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLONESHOT;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop.Registration;

import org.jspecify.annotations.Nullable;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/// Parks a thread, virtual or not, until a descriptor is ready. Used by one thread at a time.
final class Readiness {

    private static final Duration LOOK_UP = Duration.ofMillis(20);

    private final EventLoop loop;
    private final int fd;
    private final int events;
    private @Nullable Registration registration;
    private volatile CompletableFuture<Boolean> ready = new CompletableFuture<>();

    Readiness(EventLoop loop, int fd, int events) {
        this.loop = loop;
        this.fd = fd;
        this.events = events;
    }

    /// Waits until the descriptor is ready, or [#wake] is called.
    ///
    /// @param over whether there is nothing to wait for any more; set before `wake`
    /// @throws InterruptedIOException if the thread is interrupted; its interrupt status is set
    void await(BooleanSupplier over) throws InterruptedIOException {
        if (Thread.currentThread().isVirtual()) {
            park(over);
        } else {
            poll(over);
        }
    }

    /// A platform thread may as well wait in the kernel: that spares the way through the loop,
    /// which a fast stream would go thousands of times a second. It looks up now and then.
    private void poll(BooleanSupplier over) throws InterruptedIOException {
        while (!over.getAsBoolean() && Kernel.poll(fd, events, LOOK_UP) == 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw interrupted();
            }
        }
    }

    private static InterruptedIOException interrupted() {
        return new InterruptedIOException("interrupted while waiting for the sandbox");
    }

    private void park(BooleanSupplier over) throws InterruptedIOException {
        CompletableFuture<Boolean> next = new CompletableFuture<>();
        ready = next;
        if (over.getAsBoolean()) {
            return;
        }
        if (registration == null) {
            registration = loop.register(fd, events | EPOLLONESHOT, _ -> ready.complete(true));
        } else {
            registration.watch(events | EPOLLONESHOT);
        }
        try {
            next.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Wakes the thread that waits, if one does.
    void wake() {
        ready.complete(false);
    }

    /// Stops watching; to be called by the thread that waited, or when none waits.
    void release() {
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }
}
