package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.Metric;
import io.cloister.sandbox.linux.plan.GroupEnd;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.LimitPlan;

import java.util.Optional;
import java.util.Set;

/// The control group of a run, and what it tells of it. Guarded by the run's monitor, but for what
/// others ask.
final class RunAccount {

    private final RunSettings settings;
    private final Watch watch;
    private volatile long setUpNanos;

    RunAccount(RunSettings settings, Watch watch) {
        this.settings = settings;
        this.watch = watch;
    }

    /// A command that was killed for a limit of all commands of its session.
    ///
    /// @param kill what is said of it
    /// @param ofAll whether the session ends for it
    record Blame(Kill kill, boolean ofAll) {}

    /// What the first process had used before the command could run.
    void setUp(long nanos) {
        setUpNanos = nanos;
    }

    /// How much of the processor time that the group has counted is not the program's.
    long foreignNanos() {
        return setUpNanos + settings.group().map(GroupsAhead.Begun::foreignNanos).orElse(0L);
    }

    /// What the group tells at the end; empty if there is none.
    Optional<GroupEnd> end() {
        return settings.runGroup().map(this::end);
    }

    private GroupEnd end(RunGroup group) {
        return new GroupEnd(
                watch.plan().group(),
                group.read(),
                settings.policy().memoryEvents(),
                foreignNanos());
    }

    /// Whose fault it is that the kernel has killed a command of a session: a limit of all commands
    /// if it wanted memory, unless its own group was at its limit; the session itself ends for it.
    Optional<Blame> blame(RunAccount session) {
        if (ranOutOfMemory()) {
            return Optional.empty();
        }
        // In version 1 a group counts only those killed who were in it, so that the session's does
        // not tell of a command that has one of its own.
        boolean victim = oomKills() > 0 && session.wasAtMemoryLimit();
        if (!victim && !session.ranOutOfMemory()) {
            return Optional.empty();
        }
        Kill kill =
                new Kill(
                        new Outcome.LimitReached(Limit.MEMORY),
                        "killed for MEMORY: "
                                + settings.policy().memoryEvents()
                                + " of the session: oom_kill");
        return Optional.of(new Blame(kill, victim));
    }

    private boolean ranOutOfMemory() {
        return end().filter(GroupEnd::ranOutOfMemory).isPresent();
    }

    private long oomKills() {
        return end().map(end -> end.count(Metric.OOM_KILLS)).orElse(0L);
    }

    private boolean wasAtMemoryLimit() {
        return end().filter(end -> end.count(Metric.MEMORY_MAX_HITS) > 0).isPresent();
    }

    /// A control group for a command of a sandbox that stays, below its own.
    ///
    /// @param plan how the limits of the command are kept
    /// @param maker who makes its first process
    Optional<GroupsAhead.Begun> within(LimitPlan plan, RunGroup.Maker maker) {
        return plan.isGrouped()
                ? settings.runGroup()
                        .map(group ->
                                GroupsAhead.Begun.within(
                                        Groups.translated(() ->
                                                group.child(
                                                        plan.group(), plan.controllers(), maker))))
                : Optional.empty();
    }

    /// The controllers that such a group can have.
    Set<Controller> controllersWithin() {
        return settings.runGroup().map(RunGroup::controllers).orElse(Set.of());
    }
}
