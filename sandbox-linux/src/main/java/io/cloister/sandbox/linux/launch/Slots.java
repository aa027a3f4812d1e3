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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The slots of a privileged JVM: zygotes that have become host users of their own, each for one
/// sandbox at a time, so that no two sandboxes that run together share a user. Thread-safe.
final class Slots {

    private final EventLoop loop;
    private final HostUsers users;
    private final Deque<Slot> idle = new ArrayDeque<>();

    Slots(EventLoop loop, HostUsers users) {
        this.loop = loop;
        this.users = users;
    }

    /// A slot that is taken.
    final class Slot implements Target {
        private final Zygote zygote;
        private final HostUsers.HostUser user;

        /// For each owner, a user namespace that maps it to this slot's user.
        private final Map<Long, Integer> ownerNamespaces = new HashMap<>();

        private Slot(Zygote zygote, HostUsers.HostUser user) {
            this.zygote = zygote;
            this.user = user;
        }

        @Override
        public Zygote zygote() {
            return zygote;
        }

        @Override
        public int uid() {
            return user.id();
        }

        @Override
        public int gid() {
            return user.id();
        }

        /// A user namespace in which `uid` and `gid` of the host are this slot's user and group.
        int ownerNamespace(Zygote master, int uid, int gid) {
            return ownerNamespaces.computeIfAbsent(
                    (long) uid << 32 | Integer.toUnsignedLong(gid),
                    _ -> OwnerNamespace.open(master, uid, gid, user.id()));
        }

        @Override
        public void released() {
            synchronized (Slots.this) {
                if (zygote.isAlive()) {
                    idle.push(this);
                    return;
                }
            }
            discard();
        }

        private void discard() {
            ownerNamespaces.values().forEach(Kernel::close);
            ownerNamespaces.clear();
            user.release();
        }
    }

    /// Takes a slot, or makes one with `master`.
    Slot take(Zygote master) {
        synchronized (this) {
            while (!idle.isEmpty()) {
                Slot slot = idle.pop();
                if (slot.zygote.isAlive()) {
                    return slot;
                }
                slot.discard();
            }
        }
        return make(master);
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
                pidfd = exchange.await(StatusTag.CREATED).descriptors().getFirst();
            } finally {
                master.answered();
            }
            try {
                exchange.await(StatusTag.STARTED);
                return new Slot(new Zygote(loop, pair.first(), pidfd, false), user);
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
