package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.cgroup.CgroupException;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.cgroup.CgroupRoot;
import io.cloister.sandbox.linux.cgroup.CgroupSlot;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.plan.LimitPlan;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The control groups of this JVM. Made with the first launch that wants one; that is also when
/// what dead JVMs left is removed. Removed when the JVM ends. Thread-safe.
final class Groups {

    private final CgroupHost host;
    private Optional<CgroupRoot> root = Optional.empty();
    private Optional<GroupsAhead> shared = Optional.empty();
    private boolean ended;

    Groups(CgroupHost host) {
        this.host = host;
    }

    private CgroupRoot root() {
        if (ended) {
            throw new IllegalStateException("the JVM is ending");
        }
        if (root.isEmpty()) {
            root = Optional.of(CgroupRoot.of(host));
        }
        return root.get();
    }

    /// Groups for the sandboxes of an ordinary user, whose launchers stay in the JVM's own.
    synchronized GroupsAhead shared() {
        return translated(() -> {
            if (shared.isEmpty()) {
                shared = Optional.of(new GroupsAhead(root().shared(), () -> 0, () -> 0));
            }
            return shared.get();
        });
    }

    /// Makes a group ahead for the next run.
    synchronized void prepareShared(LimitPlan plan) {
        shared.filter(_ -> !ended).ifPresent(groups -> groups.prepare(plan));
    }

    /// Groups for the sandboxes of one slot.
    synchronized CgroupSlot slot(int uid, int gid, Set<Controller> controllers) {
        return translated(() -> root().slot(uid, gid, controllers));
    }

    /// Kills what is left in them, and removes them.
    synchronized void end() {
        ended = true;
        root.ifPresent(CgroupRoot::close);
    }

    /// What `action` gives; a failure names the file, the value and the error number.
    static <T> T translated(Supplier<T> action) {
        try {
            return action.get();
        } catch (CgroupException e) {
            SandboxLaunchException failure =
                    LaunchErrors.of(
                            SetupStep.LIMITS, e.file() + ", " + e.value(), -(long) e.errno());
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
