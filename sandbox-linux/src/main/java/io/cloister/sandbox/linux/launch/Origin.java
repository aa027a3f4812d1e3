package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// The zygotes of one host user: a plain one, and prepared ones made from it, by the base of the
/// tree that they stand in. Thread-safe.
///
/// A base is built ahead when it is asked for the second time: a policy that is used once would pay
/// for a launcher of its own. The least recently used base goes first, when no sandbox of it runs.
final class Origin {

    private static final int BASES = 8;

    private final EventLoop loop;
    private final Zygote plain;
    private final int uid;
    private final int gid;
    private final int width;
    private final LinkedHashMap<MountPlan.Base, List<Prepared>> prepared =
            new LinkedHashMap<>(16, 0.75f, true);
    private final ReentrantLock making = new ReentrantLock();
    private Optional<MountPlan.Base> askedOnce = Optional.empty();

    /// @param width how many prepared zygotes of one base may work in parallel
    Origin(EventLoop loop, Zygote plain, int uid, int gid, int width) {
        this.loop = loop;
        this.plain = plain;
        this.uid = uid;
        this.gid = gid;
        this.width = width;
    }

    /// A prepared zygote, and how many sandboxes of it run.
    private static final class Prepared {
        private final Zygote zygote;
        private final AtomicInteger running = new AtomicInteger();

        Prepared(Zygote zygote) {
            this.zygote = zygote;
        }
    }

    /// A zygote for one launch.
    ///
    /// @param zygote where the request goes
    /// @param ahead what it has prepared
    /// @param release to be called when the last process of the launch is gone
    record Choice(Zygote zygote, Ahead ahead, Runnable release) {}

    Zygote plain() {
        return plain;
    }

    int uid() {
        return uid;
    }

    int gid() {
        return gid;
    }

    /// The plain zygote: for what lives long, beside which a prepared one would only take up
    /// memory, and for one that has entered a session and so prepares nothing ahead.
    Choice plainChoice() {
        return new Choice(plain, Ahead.NOTHING, () -> {});
    }

    /// The zygote that suits `plan` best.
    Choice choose(LaunchPlan plan) {
        Ahead most = Ahead.mostFor(plan);
        if (most == Ahead.NOTHING) {
            return new Choice(plain, most, () -> {});
        }
        MountPlan.Base base = plan.mounts().base();
        boolean worthIt = most == Ahead.NETWORK_AND_BASE && isAskedAgain(base);
        MountPlan.Base wanted = worthIt ? base : MountPlan.Base.NONE;
        Prepared found = find(wanted).orElseGet(() -> makeOne(wanted));
        // Without a lock: this runs on the loop's thread, which must never wait for one that
        // somebody holds while he waits for the loop.
        Runnable release = found.running::decrementAndGet;
        return new Choice(found.zygote, worthIt ? most : Ahead.NETWORK, release);
    }

    private synchronized boolean isAskedAgain(MountPlan.Base base) {
        boolean again = prepared.containsKey(base) || askedOnce.filter(base::equals).isPresent();
        askedOnce = Optional.of(base);
        return again;
    }

    /// One that is there; empty if all are busy and there may be more.
    private synchronized Optional<Prepared> find(MountPlan.Base base) {
        List<Prepared> candidates = prepared.getOrDefault(base, new ArrayList<>());
        candidates.removeIf(p -> !p.zygote.isAlive());
        Optional<Prepared> best =
                candidates.stream()
                        .min((p, q) -> Integer.compare(p.zygote.underWay(), q.zygote.underWay()));
        boolean busy = best.isPresent() && best.get().zygote.underWay() > 0;
        if (busy && candidates.size() < width) {
            return Optional.empty();
        }
        best.ifPresent(p -> p.running.incrementAndGet());
        return best;
    }

    /// Makes one, while others go on; whoever waited meanwhile takes what was made.
    private Prepared makeOne(MountPlan.Base base) {
        making.lock();
        try {
            Optional<Prepared> found = find(base);
            if (found.isPresent()) {
                return found.get();
            }
            Prepared made = new Prepared(make(base));
            made.running.incrementAndGet();
            synchronized (this) {
                prepared.computeIfAbsent(base, _ -> new ArrayList<>()).add(made);
                evict();
            }
            return made;
        } finally {
            making.unlock();
        }
    }

    private void evict() {
        if (prepared.size() <= BASES) {
            return;
        }
        for (Map.Entry<MountPlan.Base, List<Prepared>> entry : prepared.entrySet()) {
            if (entry.getValue().stream().allMatch(p -> p.running.get() == 0)) {
                prepared.remove(entry.getKey());
                entry.getValue().forEach(p -> p.zygote.end());
                return;
            }
        }
    }

    /// Ends what was prepared; nothing runs any more.
    synchronized void end() {
        prepared.values().forEach(list -> list.forEach(p -> p.zygote.end()));
        prepared.clear();
    }

    private Zygote make(MountPlan.Base base) {
        return NewZygote.make(loop, plain, program(base), OptionalInt.empty());
    }

    /// How many processes these zygotes are.
    synchronized int processes() {
        int count = plain.isAlive() ? 1 : 0;
        for (List<Prepared> list : prepared.values()) {
            for (Prepared one : list) {
                count += one.zygote.isAlive() ? 1 : 0;
            }
        }
        return count;
    }

    /// What they have used of the processors, in nanoseconds.
    synchronized long cpuNanos() {
        long nanos = plain.cpuNanos();
        for (List<Prepared> list : prepared.values()) {
            for (Prepared one : list) {
                nanos += one.zygote.cpuNanos();
            }
        }
        return nanos;
    }

    /// Lets go of what is not needed while they launch nothing.
    synchronized void rest() {
        plain.rest();
        prepared.values().forEach(list -> list.forEach(p -> p.zygote.rest()));
    }

    private SyscallProgram program(MountPlan.Base base) {
        SyscallProgram inline =
                ZygoteProgram.prepared(Kernel.cpu(), base.steps(), uid, gid, ZygoteProgram.REQUEST);
        return inline.size() <= Transmission.INLINE
                ? inline
                : ZygoteProgram.prepared(
                        Kernel.cpu(), base.steps(), uid, gid, ZygoteProgram.MAPPED);
    }
}
