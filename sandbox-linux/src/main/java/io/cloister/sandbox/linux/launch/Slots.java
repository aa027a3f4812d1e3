package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.cgroup.CgroupSlot;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.plan.LimitPlan;
import io.cloister.sandbox.linux.plan.Rlimits;
import io.cloister.sandbox.linux.program.EntryProgram;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;
import io.cloister.sandbox.policy.Rlimit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/// The slots of a privileged JVM: zygotes that have become host users of their own, each for one
/// sandbox at a time, so that no two sandboxes that run together share a user. Thread-safe.
final class Slots {

    /// More idle ones are ended.
    private static final int IDLE = 64;

    /// Of those, so many keep their descriptors, some 20 each, for the next run; the others need
    /// about 6.
    private static final int WARM =
            Math.clamp(Kernel.softLimit(Rlimits.number(Rlimit.NOFILE)) >>> 7, 2, 32);

    private static final int SPARE = 2 * Runtime.getRuntime().availableProcessors();
    private static final long PATIENCE_NANOS = 100_000_000;

    /// Bytes of memory that a run may begin with, which are not its own.
    private static final long RESIDUE = 2 << 20;

    private static final Duration FIRST_LOOK = Duration.ofMillis(4);
    private static final Duration LAST_LOOK = Duration.ofMillis(32);

    private final EventLoop loop;
    private final HostUsers users;
    private final Groups groups;
    private final Deque<Slot> idle = new ArrayDeque<>();
    private final Deque<Slot> resting = new ArrayDeque<>();
    private int ending;

    Slots(EventLoop loop, HostUsers users, Groups groups) {
        this.loop = loop;
        this.users = users;
        this.groups = groups;
    }

    /// What a launch needs of a slot.
    ///
    /// @param dropped whether it has become its host user; else it stays privileged, and the launch
    ///   takes the user itself
    /// @param controllers the controllers of its control groups; empty: none
    record Wish(boolean dropped, Set<Controller> controllers) {}

    /// A slot that is taken.
    final class Slot {
        private final Origin origin;
        private final HostUsers.HostUser user;
        private final boolean dropped;
        private final boolean devices;
        private final Optional<GroupsAhead> groups;
        private final OwnerNamespaces ownerNamespaces = new OwnerNamespaces();
        private boolean isEnding;
        private boolean taken = true;
        private volatile boolean retired;

        private Slot(
                Origin origin,
                HostUsers.HostUser user,
                boolean dropped,
                Optional<CgroupSlot> group,
                boolean devices) {
            this.origin = origin;
            this.user = user;
            this.dropped = dropped;
            this.devices = devices;
            this.groups = group.map(g -> new GroupsAhead(g, origin::processes, origin::cpuNanos));
        }

        /// A run without limits must not be born into groups that have those of the last run.
        private boolean suits(Wish wish) {
            return dropped == wish.dropped()
                    && groups.isPresent() != wish.controllers().isEmpty()
                    && groups.map(g -> g.covers(wish.controllers())).orElse(true)
                    // The one controller that takes something away by itself.
                    && devices == wish.controllers().contains(Controller.DEVICES);
        }

        /// A control group for the next run.
        Optional<GroupsAhead.Begun> begin(LimitPlan plan) {
            return groups.flatMap(g -> g.begin(plan));
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
        ///
        /// @param plan how its limits were kept
        void released(LimitPlan plan) {
            synchronized (Slots.this) {
                if (!taken) {
                    return;
                }
                taken = false;
            }
            release(plan, FIRST_LOOK);
        }

        /// The next run must not be charged with what this one left: what is still being freed is
        /// waited for, and a slot that keeps more, such as page cache, is not used again.
        private void release(LimitPlan plan, Duration nextLook) {
            boolean charged = !retired && groups.map(GroupsAhead::residue).orElse(0L) > RESIDUE;
            if (charged && nextLook.compareTo(LAST_LOOK) <= 0) {
                loop.schedule(nextLook, () -> release(plan, nextLook.multipliedBy(2)));
                return;
            }
            if (charged) {
                retire();
            }
            if (!retired) {
                groups.ifPresent(g -> g.prepare(plan));
            }
            free();
        }

        private void free() {
            synchronized (Slots.this) {
                if (isEnding) {
                    isEnding = false;
                    ending--;
                }
                Slots.this.notifyAll();
                if (!retired && origin.plain().isAlive() && idle.size() < WARM) {
                    idle.addLast(this);
                    return;
                }
                if (!retired && origin.plain().isAlive() && resting.size() < IDLE - WARM) {
                    groups.ifPresent(GroupsAhead::rest);
                    origin.rest();
                    resting.addLast(this);
                    return;
                }
            }
            discard();
        }

        /// On a thread of its own: the loop comes here, and groups take a moment to be removed.
        private void discard() {
            origin.end();
            origin.plain().end();
            Thread.startVirtualThread(() -> {
                ownerNamespaces.close();
                groups.ifPresent(GroupsAhead::close);
                user.release();
            });
        }
    }

    /// Takes a slot, or makes one with `master`.
    Slot take(Zygote master, Wish wish) {
        synchronized (this) {
            awaitEnding();
            Optional<Slot> slot = take(idle, wish).or(() -> take(resting, wish));
            if (slot.isPresent()) {
                return slot.get();
            }
        }
        return make(master, wish);
    }

    private static Optional<Slot> take(Deque<Slot> slots, Wish wish) {
        for (Iterator<Slot> all = slots.iterator(); all.hasNext(); ) {
            Slot slot = all.next();
            if (!slot.origin.plain().isAlive()) {
                all.remove();
                slot.discard();
            } else if (slot.suits(wish)) {
                all.remove();
                slot.taken = true;
                return Optional.of(slot);
            }
        }
        return Optional.empty();
    }

    /// A slot is dear: where some are about to be free, and there are spare ones already, one of
    /// those is waited for instead of making another.
    private void awaitEnding() {
        boolean interrupted = false;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (idle.isEmpty()
                && resting.isEmpty()
                && ending >= SPARE
                && System.nanoTime() - end < 0) {
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

    /// A slot that has entered the namespaces of a session. It is not used again.
    ///
    /// @param uid the host user that it has to be; empty: one of its own
    /// @param descriptors for the doors of `entry`; they stay the caller's
    Slot enter(Zygote master, Wish wish, Entry entry, OptionalInt uid, List<Integer> descriptors) {
        HostUsers.HostUser user =
                uid.isPresent() ? HostUsers.HostUser.borrowed(uid.getAsInt()) : users.take();
        Slot slot =
                make(
                        master,
                        wish,
                        user,
                        ownGroup ->
                                EntryProgram.launcher(
                                        Kernel.cpu(), entry, user.id(), user.id(), true, ownGroup),
                        descriptors);
        slot.retire();
        return slot;
    }

    private Slot make(Zygote master, Wish wish) {
        HostUsers.HostUser user = users.take();
        return make(
                master,
                wish,
                user,
                ownGroup ->
                        ZygoteProgram.slot(
                                Kernel.cpu(), user.id(), user.id(), wish.dropped(), ownGroup),
                List.of());
    }

    /// @param program makes the program, of whether it is born into a control group
    private Slot make(
            Zygote master,
            Wish wish,
            HostUsers.HostUser user,
            Function<Boolean, SyscallProgram> program,
            List<Integer> descriptors) {
        Optional<CgroupSlot> group = Optional.empty();
        try {
            if (!wish.controllers().isEmpty()) {
                group = Optional.of(groups.slot(user.id(), user.id(), wish.controllers()));
            }
            OptionalInt birth =
                    group.map(CgroupSlot::launcherDirectory).orElse(OptionalInt.empty());
            Zygote zygote =
                    NewZygote.make(
                            loop, master, program.apply(birth.isPresent()), birth, descriptors);
            Origin origin = new Origin(loop, zygote, user.id(), user.id(), 1);
            Slot slot =
                    new Slot(
                            origin,
                            user,
                            wish.dropped(),
                            group,
                            wish.controllers().contains(Controller.DEVICES));
            try {
                group.ifPresent(g -> Groups.translated(() -> joined(g, zygote)));
                return slot;
            } catch (RuntimeException e) {
                zygote.end();
                throw e;
            }
        } catch (RuntimeException e) {
            group.ifPresent(CgroupSlot::close);
            user.release();
            throw e;
        }
    }

    private static CgroupSlot joined(CgroupSlot group, Zygote zygote) {
        group.join(zygote.pid());
        return group;
    }
}
