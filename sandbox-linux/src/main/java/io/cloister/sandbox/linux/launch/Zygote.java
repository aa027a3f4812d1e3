package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.FileCalls;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Packets;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.EventLoop.Registration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// A process that forks sandboxes: the one that the JVM started, or a slot made from it.
///
/// It ends with its socket, so it cannot outlive the JVM; and it takes its children along. Its own
/// end is noticed here, and a new one is started for the next launch. Thread-safe.
final class Zygote {

    private static final Logger LOG = LoggerFactory.getLogger(Zygote.class);

    /// Requests under way. More would fill the socket and block a thread in the kernel.
    private static final int UNDER_WAY = 8;

    /// What the kernel says of a socket whose other end has just gone. Not EBADF: the socket is
    /// open until the end is known here, so that is said of a descriptor that is to be passed.
    private static final Set<Errno> GONE =
            EnumSet.of(Errno.EPIPE, Errno.ECONNRESET, Errno.ENOTCONN);

    private static final int NOT_OPENED = Integer.MIN_VALUE;

    private final int socket;
    private final int pid;
    private final Runnable killing;
    private final Runnable closing;
    private final Semaphore room = new Semaphore(UNDER_WAY, true);
    private final Object statisticsLock = new Object();
    private int statistics = NOT_OPENED;
    private volatile boolean ended;

    /// @param socket the JVM's end; closed at its end
    /// @param pid its pid
    /// @param pidfd a pidfd of it; closed at its end
    /// @param child whether it is a child of the JVM, to be waited for
    Zygote(EventLoop loop, int socket, int pid, int pidfd, boolean child) {
        this.socket = socket;
        this.pid = pid;
        killing = () -> killThrough(pidfd);
        // It may end at once: onEnd() waits for this monitor.
        synchronized (this) {
            Registration registration = loop.register(pidfd, EPOLLIN, _ -> onEnd());
            closing =
                    () -> {
                        registration.cancel();
                        if (child) {
                            Kernel.waitPidfd(pidfd, WEXITED | WNOHANG);
                        }
                        Kernel.close(pidfd);
                    };
        }
    }

    private Zygote(int socket, SandboxRun session) {
        this.socket = socket;
        pid = 1;
        killing = session.processes()::killFirst;
        closing = () -> {};
    }

    /// The first process of a sandbox that stays, which forks its commands. The run watches it.
    ///
    /// @param socket the JVM's end; closed at its end
    static Zygote within(int socket, SandboxRun session) {
        Zygote zygote = new Zygote(socket, session);
        session.onGone(zygote::onEnd);
        return zygote;
    }

    /// Starts a zygote.
    static Zygote start(EventLoop loop) {
        Kernel.Pair pair = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        LaunchErrors.check(SetupStep.START_LAUNCHER, "socketpair", pair.first());
        int pid;
        try {
            pid = ZygoteImage.spawn(pair.second());
        } catch (RuntimeException e) {
            Kernel.close(pair.first());
            throw e;
        } finally {
            Kernel.close(pair.second());
        }
        int pidfd = Kernel.pidfdOpen(pid);
        if (pidfd < 0) {
            Kernel.close(pair.first());
            throw LaunchErrors.of(SetupStep.START_LAUNCHER, "pidfd_open", pidfd);
        }
        LOG.debug("launcher started, pid {}", pid);
        return new Zygote(loop, pair.first(), pid, pidfd, true);
    }

    private synchronized void onEnd() {
        if (ended) {
            return;
        }
        ended = true;
        closing.run();
        Kernel.close(socket);
        synchronized (statisticsLock) {
            closeStatistics();
        }
        // Whoever waits for room finds out that it has ended.
        room.release(Integer.MAX_VALUE / 2);
        LOG.debug("launcher ended");
    }

    /// Its pid.
    int pid() {
        return pid;
    }

    /// Whether it still serves.
    boolean isAlive() {
        return !ended;
    }

    /// What it has used of the processors itself, in nanoseconds; 0 once it has ended, and where
    /// the kernel does not tell (CONFIG_SCHED_INFO). It has a single thread.
    long cpuNanos() {
        byte[] text = new byte[64];
        int length;
        // Not this object's monitor, under which requests are sent: the loop calls this too.
        synchronized (statisticsLock) {
            if (ended) {
                return 0;
            }
            if (statistics == NOT_OPENED) {
                int opened = Kernel.open("/proc/" + pid + "/schedstat", O_RDONLY | O_CLOEXEC, 0);
                // Whoever has no descriptor left now may have one the next time.
                boolean scarce = Errno.EMFILE.is(opened) || Errno.ENFILE.is(opened);
                statistics = scarce ? NOT_OPENED : opened;
            }
            length = statistics < 0 ? 0 : FileCalls.read(statistics, 0, text);
        }
        long nanos = 0;
        for (int i = 0; i < length && text[i] != ' '; i++) {
            nanos = 10 * nanos + text[i] - '0';
        }
        return nanos;
    }

    /// Lets go of what is not needed while it launches nothing.
    void rest() {
        synchronized (statisticsLock) {
            closeStatistics();
        }
    }

    private void closeStatistics() {
        if (statistics >= 0) {
            Kernel.close(statistics);
            statistics = NOT_OPENED;
        }
    }

    /// Ends it, and with it everything that it started.
    void end() {
        killing.run();
    }

    private synchronized void killThrough(int pidfd) {
        if (!ended) {
            Kernel.pidfdSendSignal(pidfd, SIGKILL);
        }
    }

    /// Sends a request.
    ///
    /// @return whether it was sent; false if the zygote has ended
    boolean send(byte[] request, List<Integer> descriptors) {
        // Not for long, and an interrupt is for whoever waits for the result.
        room.acquireUninterruptibly();
        return sendIntoRoom(request, descriptors);
    }

    /// Sends a request that can be done without: not if others wait for their answers.
    ///
    /// @return whether it was sent
    boolean trySend(byte[] request, List<Integer> descriptors) {
        return room.tryAcquire() && sendIntoRoom(request, descriptors);
    }

    /// The room is given back if it was not sent.
    private boolean sendIntoRoom(byte[] request, List<Integer> descriptors) {
        boolean sent = false;
        try {
            sent = sendNow(request, descriptors);
            return sent;
        } finally {
            if (!sent) {
                room.release();
            }
        }
    }

    private boolean sendNow(byte[] request, List<Integer> descriptors) {
        synchronized (this) {
            if (ended) {
                return false;
            }
            int result = Packets.send(socket, request, descriptors);
            if (GONE.stream().anyMatch(errno -> errno.is(result))) {
                return false;
            }
            LaunchErrors.check(
                    SetupStep.START_LAUNCHER, "request of " + request.length + " bytes", result);
            return true;
        }
    }

    /// How many requests wait for their answer.
    int underWay() {
        return Math.max(0, UNDER_WAY - room.availablePermits());
    }

    /// To be called once for each sent request, when it is answered or its launch has ended.
    void answered() {
        room.release();
    }
}
