package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.EPOLL_CTL_ADD;
import static io.cloister.sandbox.linux.program.Linux.EPOLL_CTL_DEL;
import static io.cloister.sandbox.linux.program.Linux.EPOLL_CTL_MOD;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// One platform thread that waits for every descriptor and every deadline of all sandboxes.
///
/// A blocking read would pin the carrier of a virtual thread, and a thread per stream would not
/// scale; so descriptors are non-blocking, and whoever must wait registers here and parks. Handlers
/// run on the loop's thread, must not block, and an exception of one does not reach the others.
/// Thread-safe.
public final class EventLoop {

    /// Called on the loop's thread when a descriptor is ready.
    @FunctionalInterface
    public interface Handler {
        /// Takes note of the events (EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR).
        void ready(int events);
    }

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final int EVENTS = 128;
    private static final int BUFFER_SIZE = 256 * 1024;
    private static final long WAKE = 0;

    /// Longer delays are as good as this one; nanoTime cannot tell them apart from the past.
    private static final Duration LONGEST_DELAY = Duration.ofDays(36_500);

    private static final long ENDING_LOOK_NANOS = 1_000_000;
    private static final int IDLE_LOOK_MILLIS = 500;
    private static final long IDLE_AFTER_NANOS = 5_000_000_000L;

    private final int epoll = checked("epoll_create1", Kernel.epollCreate());
    private final int wake = checked("eventfd", Kernel.eventfd());
    private final NativeBuffer buffer = new NativeBuffer(BUFFER_SIZE);
    private final Map<Long, Registration> registrations = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong(WAKE);
    private final ReentrantLock timerLock = new ReentrantLock();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();

    /// When the loop will look at the timers next, in nanoTime; guarded by the timer lock.
    private long nextLook;

    private long lastScheduled = System.nanoTime();
    private volatile boolean ending;
    private final Thread thread;

    /// A started loop.
    public EventLoop() {
        nextLook = System.nanoTime();
        checked("epoll_ctl", Kernel.epollControl(epoll, EPOLL_CTL_ADD, wake, EPOLLIN, WAKE));
        thread = Thread.ofPlatform().daemon().name("cloister-loop").start(this::run);
    }

    private static int checked(String call, int result) {
        if (result < 0) {
            throw new SandboxException(
                    "%s failed: %s; the event loop cannot start"
                            .formatted(call, Errno.nameOf(-result)));
        }
        return result;
    }

    /// A descriptor that is watched.
    public final class Registration {
        private final long id;
        private final int fd;
        private final Handler handler;

        private Registration(long id, int fd, Handler handler) {
            this.id = id;
            this.fd = fd;
            this.handler = handler;
        }

        /// Watches for other events, or again after EPOLLONESHOT.
        public void watch(int events) {
            Kernel.epollControl(epoll, EPOLL_CTL_MOD, fd, events, id);
        }

        /// Stops watching, and closes the descriptor, which nobody else may hold: so the kernel
        /// forgets it without being told.
        public void close() {
            registrations.remove(id);
            Kernel.close(fd);
        }

        /// Stops watching. To be called before the descriptor is closed.
        public void cancel() {
            if (registrations.remove(id) != null) {
                Kernel.epollControl(epoll, EPOLL_CTL_DEL, fd, 0, 0);
            }
        }
    }

    /// A deadline.
    public final class Timer implements Comparable<Timer> {
        private final long at;
        private final Runnable action;

        private Timer(long at, Runnable action) {
            this.at = at;
            this.action = action;
        }

        /// The action will not run, unless it runs already.
        public void cancel() {
            timerLock.lock();
            try {
                timers.remove(this);
            } finally {
                timerLock.unlock();
            }
        }

        @Override
        public int compareTo(Timer other) {
            return Long.compare(at - other.at, 0);
        }
    }

    /// Watches `fd` until the registration is cancelled.
    ///
    /// @return the registration
    /// @throws SandboxException if the kernel refuses (EPERM: a regular file is always ready)
    public Registration register(int fd, int events, Handler handler) {
        Registration registration = new Registration(ids.incrementAndGet(), fd, handler);
        registrations.put(registration.id, registration);
        int result = Kernel.epollControl(epoll, EPOLL_CTL_ADD, fd, events, registration.id);
        if (result < 0) {
            registrations.remove(registration.id);
            throw new SandboxException(
                    "epoll_ctl of descriptor %d failed: %s".formatted(fd, Errno.nameOf(-result)));
        }
        return registration;
    }

    /// Runs `action` on the loop's thread after `delay`.
    public Timer schedule(Duration delay, Runnable action) {
        long nanos = delay.compareTo(LONGEST_DELAY) < 0 ? delay.toNanos() : LONGEST_DELAY.toNanos();
        Timer timer = new Timer(System.nanoTime() + nanos, action);
        timerLock.lock();
        try {
            timers.add(timer);
            lastScheduled = System.nanoTime();
            // The loop itself looks at the timers before it waits again.
            if (timer.at - nextLook < 0 && Thread.currentThread() != thread) {
                wakeUp();
            }
        } finally {
            timerLock.unlock();
        }
        return timer;
    }

    /// The loop's own buffer, for handlers.
    public NativeBuffer buffer() {
        return buffer;
    }

    private void wakeUp() {
        byte[] one = {1, 0, 0, 0, 0, 0, 0, 0};
        Kernel.write(wake, one, 0, one.length);
    }

    private void run() {
        NativeBuffer events = new NativeBuffer(EVENTS * Kernel.epollEventSize());
        while (true) {
            try {
                int count = Kernel.epollWait(epoll, events, ending ? 0 : untilNextTimer());
                for (int i = 0; i < count; i++) {
                    int at = i * Kernel.epollEventSize();
                    dispatch(events.getLong(at + Kernel.epollDataOffset()), events.getInt(at));
                }
                runTimers();
                if (ending && count <= 0) {
                    LockSupport.parkNanos(ENDING_LOOK_NANOS);
                }
            } catch (RuntimeException | Error e) {
                LOG.error("event loop: a handler failed; the other sandboxes go on", e);
            }
        }
    }

    /// Tells it that the JVM is ending. It goes on, and looks each millisecond instead of waiting
    /// in the kernel: a JVM that exits waits 300 ms for a thread that is in native code.
    public void ending() {
        ending = true;
        wakeUp();
    }

    private void dispatch(long id, int events) {
        if (id == WAKE) {
            Kernel.read(wake, buffer, 8);
            return;
        }
        Registration registration = registrations.get(id);
        if (registration != null) {
            try {
                registration.handler.ready(events);
            } catch (RuntimeException | Error e) {
                LOG.error("event loop: a handler failed; the other sandboxes go on", e);
            }
        }
    }

    private int untilNextTimer() {
        timerLock.lock();
        try {
            long now = System.nanoTime();
            Timer first = timers.peek();
            if (first == null && now - lastScheduled > IDLE_AFTER_NANOS) {
                nextLook = now + Long.MAX_VALUE / 2;
                return -1;
            }
            if (first == null) {
                // Launches follow each other: a look from time to time, so that a deadline that is
                // further away need not wake the loop, which would cost each a system call.
                nextLook = now + TimeUnit.MILLISECONDS.toNanos(IDLE_LOOK_MILLIS);
                return IDLE_LOOK_MILLIS;
            }
            nextLook = first.at;
            long millis = Math.ceilDiv(first.at - now, 1_000_000L);
            return Math.clamp(millis, 0, Integer.MAX_VALUE);
        } finally {
            timerLock.unlock();
        }
    }

    private void runTimers() {
        while (true) {
            Timer due;
            timerLock.lock();
            try {
                Timer first = timers.peek();
                if (first == null || first.at - System.nanoTime() > 0) {
                    return;
                }
                due = timers.poll();
            } finally {
                timerLock.unlock();
            }
            due.action.run();
        }
    }
}
