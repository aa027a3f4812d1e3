package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.cgroup.Unmet;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.LimitKind;
import io.cloister.sandbox.linux.plan.ControlGroups;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.LimitChange;
import io.cloister.sandbox.linux.plan.LimitPlan;
import io.cloister.sandbox.policy.ResourceLimits;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// What a caller does with the limits of a run while it goes on: changes them, pauses it.
///
/// The kernel takes a while for it, and the caller's own function may do what it likes; the loop
/// waits for neither, since none of that happens under the run's monitor. Thread-safe.
final class LiveLimits {

    private final Policy policy;
    private final Optional<RunGroup> group;
    private final Watch watch;
    private final Run run;
    private final ReentrantLock pauseLock = new ReentrantLock();
    private final ReentrantLock changeLock = new ReentrantLock();
    private volatile boolean pausing;

    /// The run, as it is seen from here.
    ///
    /// @param guarded runs something under its monitor
    /// @param over whether it has ended or was killed; asked under the monitor
    /// @param killer kills it
    /// @param broken ends it since its limits are lost
    record Run(
            Consumer<Runnable> guarded,
            BooleanSupplier over,
            Consumer<Kill> killer,
            Consumer<Throwable> broken) {

        private boolean isOver() {
            boolean[] answer = new boolean[1];
            guarded.accept(() -> answer[0] = over.getAsBoolean());
            return answer[0];
        }
    }

    LiveLimits(Policy policy, Optional<RunGroup> group, Watch watch, Run run) {
        this.policy = policy;
        this.group = group;
        this.watch = watch;
        this.run = run;
    }

    /// Whether it is paused, or about to be.
    boolean isPaused() {
        return pausing || watch.isPaused();
    }

    void pause(PausedTime time) {
        pauseLock.lock();
        try {
            if (run.isOver() || watch.isPaused()) {
                return;
            }
            RunGroup freezer = freezer();
            pausing = true;
            if (Groups.translated(freezer::freeze)) {
                run.guarded().accept(() -> watch.paused(time));
            } else if (!run.isOver()) {
                freezer.thaw();
                throw new SandboxException(
                        "the run could not be paused: a process of it cannot be stopped now, for"
                                + " example since it waits for a disk; try again");
            }
        } finally {
            pausing = false;
            pauseLock.unlock();
        }
    }

    void resume() {
        pauseLock.lock();
        try {
            if (watch.isPaused()) {
                RunGroup freezer = freezer();
                Groups.translated(() -> {
                    freezer.thaw();
                    return freezer;
                });
                run.guarded().accept(watch::resumed);
            }
        } finally {
            pauseLock.unlock();
        }
    }

    private RunGroup freezer() {
        ControlGroups groups = policy.groups();
        return group.filter(_ -> groups.has(Controller.FREEZER))
                .orElseThrow(() -> {
                    ControlGroups.Missing missing = groups.missing(Controller.FREEZER);
                    return new SandboxUnavailableException(
                            "the run cannot be paused: " + missing.why(),
                            "control group that can be frozen",
                            missing.remedy());
                });
    }

    void change(UnaryOperator<ResourceLimits> change) {
        changeLock.lock();
        try {
            ResourceLimits now = watch.limits();
            ResourceLimits wanted = change.apply(now);
            LimitChange.check(now, wanted);
            wanted.requireConsistent();
            LimitPlan plan =
                    group.isPresent()
                            ? policy.limitPlan(wanted)
                            : policy.limitPlanWithoutGroup(wanted);
            if (group.isEmpty() || changeGroup(group.get(), now, wanted, plan)) {
                run.guarded().accept(() -> watch.changed(wanted, plan));
            }
        } finally {
            changeLock.unlock();
        }
    }

    /// Whether the group has the new limits.
    private boolean changeGroup(
            RunGroup group, ResourceLimits now, ResourceLimits wanted, LimitPlan plan) {
        if (run.isOver()) {
            return false;
        }
        try {
            Groups.translated(() -> group.change(plan.group()));
            if (isBelowUse(group.unmet())) {
                run.killer()
                        .accept(
                                new Kill(
                                        new Outcome.LimitReached(Limit.MEMORY),
                                        "killed for MEMORY: more is in use than the new limit"));
                return false;
            }
            policy.admit(wanted, group.unmet());
            return true;
        } catch (IllegalStateException e) {
            if (run.isOver()) {
                return false;
            }
            restore(group, now, e);
            throw e;
        } catch (RuntimeException e) {
            restore(group, now, e);
            throw e;
        }
    }

    /// Whether the kernel refused a limit on memory because more is in use, even after it tried to
    /// take some back. Version 1 does; version 2 kills.
    private static boolean isBelowUse(List<Unmet> unmet) {
        return unmet.stream()
                .anyMatch(limit ->
                        limit.kind() == LimitKind.MEMORY && limit.errno() == Errno.EBUSY.number());
    }

    /// After a change that failed half-way. A run whose limits cannot be restored does not go on.
    private void restore(RunGroup group, ResourceLimits now, RuntimeException why) {
        try {
            group.change(policy.limitPlan(now).group());
            policy.admit(now, group.unmet());
        } catch (RuntimeException e) {
            why.addSuppressed(e);
            run.broken().accept(why);
        }
    }
}
