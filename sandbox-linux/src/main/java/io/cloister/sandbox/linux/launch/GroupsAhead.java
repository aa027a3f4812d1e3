package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.cgroup.CgroupSlot;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.plan.LimitPlan;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// The control groups for runs, one after the other, or side by side where version 2 has all. When
/// a run has ended, the group for the next one is made ahead, with the same limits: mostly that is
/// what is asked for, and then a launch does not have to wait for it. Thread-safe.
final class GroupsAhead {

    private static final Logger LOG = LoggerFactory.getLogger(GroupsAhead.class);

    private final CgroupSlot slot;
    private final IntSupplier launchers;
    private final LongSupplier launcherNanos;
    private Optional<Ready> ready = Optional.empty();
    private int known;
    private long ofLaunchers;
    private boolean closed;

    /// @param launchers how many processes of ours sit in the groups of version 1
    /// @param launcherNanos the processor time that those have used
    GroupsAhead(CgroupSlot slot, IntSupplier launchers, LongSupplier launcherNanos) {
        this.slot = slot;
        this.launchers = launchers;
        this.launcherNanos = launcherNanos;
    }

    private record Ready(LimitPlan plan, int launchers, Begun begun) {}

    /// A group whose run begins.
    ///
    /// @param group the group
    /// @param launchersBefore the processor time of launchers when it began to count
    /// @param launchersNow that time now
    record Begun(RunGroup group, long launchersBefore, LongSupplier launchersNow) {
        /// A group for some of the processes of a run alone, in which no launcher sits.
        static Begun within(RunGroup group) {
            return new Begun(group, 0, () -> 0);
        }

        /// How much of what the group has counted was not its run's.
        long foreignNanos() {
            return Math.max(0, launchersNow.getAsLong() - launchersBefore);
        }
    }

    /// Whether its groups have these controllers.
    boolean covers(Set<Controller> controllers) {
        return slot.covers(controllers);
    }

    /// Bytes of memory that earlier runs left, and that the next run would be charged with. What
    /// the launchers hold, such as the files of a prepared tree, is not counted.
    synchronized long residue() {
        return slot.residue() - ofLaunchers;
    }

    /// The group for a run.
    Optional<Begun> begin(LimitPlan plan) {
        if (!plan.isGrouped()) {
            return Optional.empty();
        }
        synchronized (this) {
            Optional<Ready> made = ready;
            ready = Optional.empty();
            if (made.isPresent()) {
                if (made.get().plan().group().equals(plan.group())
                        && made.get().launchers() == launchers.getAsInt()) {
                    return made.map(Ready::begun);
                }
                made.get().begun().group().close();
            }
            return Optional.of(Groups.translated(() -> make(plan)));
        }
    }

    private Begun make(LimitPlan plan) {
        int present = launchers.getAsInt();
        if (present != known) {
            known = present;
            ofLaunchers = slot.residue();
        }
        RunGroup group = slot.begin(plan.group(), present);
        // Where the launcher is elsewhere, it is not in the numbers.
        boolean apart = group.directory().isPresent();
        LongSupplier now = apart ? () -> 0 : launcherNanos;
        return new Begun(group, now.getAsLong(), now);
    }

    /// Makes a group ahead.
    synchronized void prepare(LimitPlan plan) {
        if (closed || ready.isPresent() || !plan.isGrouped()) {
            return;
        }
        try {
            ready = Optional.of(new Ready(plan, launchers.getAsInt(), make(plan)));
        } catch (RuntimeException e) {
            // The next launch tries again, and says so.
            LOG.debug("no control group could be made ahead", e);
        }
    }

    /// Lets go of descriptors that the next run opens again.
    synchronized void rest() {
        ready.ifPresent(r -> r.begun().group().rest());
    }

    /// Removes all; no run goes on.
    synchronized void close() {
        closed = true;
        ready.ifPresent(r -> r.begun().group().close());
        ready = Optional.empty();
        slot.close();
    }
}
