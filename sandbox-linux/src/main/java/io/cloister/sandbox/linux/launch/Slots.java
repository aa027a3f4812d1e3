package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The slots of a privileged JVM: zygotes that have become host users of their own, each for one
/// sandbox at a time, so that no two sandboxes that run together share a user. Thread-safe.
final class Slots {

    /// More idle ones are ended.
    private static final int IDLE = 64;

    private static final int SPARE = 2 * Runtime.getRuntime().availableProcessors();
    private static final long PATIENCE_NANOS = 100_000_000;

    private final EventLoop loop;
    private final HostUsers users;
    private final Deque<Slot> idle = new ArrayDeque<>();
    private int ending;

    Slots(EventLoop loop, HostUsers users) {
        this.loop = loop;
        this.users = users;
    }

    /// A slot that is taken.
    final class Slot {
        private final Origin origin;
        private final HostUsers.HostUser user;

        private final OwnerNamespaces ownerNamespaces = new OwnerNamespaces();
        private boolean isEnding;
        private volatile boolean retired;

        private Slot(Origin origin, HostUsers.HostUser user) {
            this.origin = origin;
            this.user = user;
        }

        /// The zygotes of this slot.
        Origin origin() {
            return origin;
        }

        /// A user namespace with this map.
        int ownerNamespace(Zygote master, OwnerNamespace.Mapping map) {
            return ownerNamespaces.get(master, map);
        }

        /// To be called when the slot will be free in a moment.
        void ending() {
            synchronized (Slots.this) {
                isEnding = true;
                ending++;
            }
        }

        /// The slot is not to be used again: something of its user may be left on the host.
        void retire() {
            retired = true;
        }

        /// To be called when the last process of the launch is gone.
        void released() {
            synchronized (Slots.this) {
                if (isEnding) {
                    isEnding = false;
                    ending--;
                }
                Slots.this.notifyAll();
                if (!retired && origin.plain().isAlive() && idle.size() < IDLE) {
                    idle.addLast(this);
                    return;
                }
            }
            discard();
        }

        private void discard() {
            origin.end();
            origin.plain().end();
            ownerNamespaces.close();
            user.release();
        }
    }

    /// Takes a slot, or makes one with `master`.
    Slot take(Zygote master) {
        synchronized (this) {
            awaitEnding();
            while (!idle.isEmpty()) {
                Slot slot = idle.removeFirst();
                if (slot.origin.plain().isAlive()) {
                    return slot;
                }
                slot.discard();
            }
        }
        return make(master);
    }

    /// A slot is dear: where some are about to be free, and there are spare ones already, one of
    /// those is waited for instead of making another.
    private void awaitEnding() {
        boolean interrupted = false;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (idle.isEmpty() && ending >= SPARE && System.nanoTime() - end < 0) {
            try {
                wait(1);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Slot make(Zygote master) {
        HostUsers.HostUser user = users.take();
        Kernel.Pair pair = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        if (pair.first() < 0) {
            user.release();
            throw LaunchErrors.of(SetupStep.START_LAUNCHER, "socketpair", pair.first());
        }
        SyscallProgram program = ZygoteProgram.slot(Kernel.cpu(), user.id(), user.id());
        try (OneShot exchange = OneShot.send(master, program, List.of(pair.second()))) {
            int pidfd;
            try {
                pidfd = exchange.awaitPidfd();
            } finally {
                master.answered();
            }
            try {
                exchange.await(StatusTag.STARTED);
                Zygote zygote = new Zygote(loop, pair.first(), pidfd, false);
                Origin origin = new Origin(loop, zygote, user.id(), user.id(), 1);
                return new Slot(origin, user);
            } catch (RuntimeException e) {
                Kernel.close(pidfd);
                throw e;
            }
        } catch (RuntimeException e) {
            Kernel.close(pair.first());
            user.release();
            throw e;
        } finally {
            Kernel.close(pair.second());
        }
    }
}
