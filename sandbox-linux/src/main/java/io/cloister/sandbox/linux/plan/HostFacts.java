package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.mount.HostTree;
import io.cloister.sandbox.policy.Rlimit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the planner has to know of the host and of this JVM.
///
/// @param uid the effective user of the JVM
/// @param gid the effective group of the JVM
/// @param privileged whether the JVM may change users and mount (root with its capabilities)
/// @param hostRoot whether the JVM's user is the host's own root, privileged or not
/// @param keyrings whether the kernel has keyrings
/// @param hardLimits the JVM's hard resource limits; absent: unlimited
/// @param tree what the host's file system has
/// @param groups what can be done with control groups
/// @param controls what a process can give up or ask for
/// @param landlock what the kernel has of Landlock
/// @param tasks how many processes and threads the user of the command may have beside the run,
///   which count against its RLIMIT_NPROC; 0 where the user is its own
public record HostFacts(
        int uid,
        int gid,
        boolean privileged,
        boolean hostRoot,
        boolean keyrings,
        Map<Rlimit, Long> hardLimits,
        HostTree tree,
        ControlGroups groups,
        ProcessControls controls,
        LandlockSupport landlock,
        long tasks) {

    /// Facts for a user of the command's own.
    public HostFacts(
            int uid,
            int gid,
            boolean privileged,
            boolean hostRoot,
            boolean keyrings,
            Map<Rlimit, Long> hardLimits,
            HostTree tree,
            ControlGroups groups,
            ProcessControls controls,
            LandlockSupport landlock) {
        this(
                uid,
                gid,
                privileged,
                hostRoot,
                keyrings,
                hardLimits,
                tree,
                groups,
                controls,
                landlock,
                0);
    }

    /// These facts, with more entries of /proc.
    public HostFacts withProc(List<HostTree.ProcEntry> more) {
        List<HostTree.ProcEntry> proc = new ArrayList<>(tree.proc());
        proc.addAll(more);
        HostTree all =
                new HostTree(
                        tree.root(),
                        tree.etc(),
                        proc,
                        tree.devices(),
                        tree.resolverConfiguration());
        return new HostFacts(
                uid,
                gid,
                privileged,
                hostRoot,
                keyrings,
                hardLimits,
                all,
                groups,
                controls,
                landlock,
                tasks);
    }

    /// These facts, with other control groups.
    public HostFacts withGroups(ControlGroups others) {
        return new HostFacts(
                uid,
                gid,
                privileged,
                hostRoot,
                keyrings,
                hardLimits,
                tree,
                others,
                controls,
                landlock,
                tasks);
    }

    /// These facts, with another Landlock.
    public HostFacts withLandlock(LandlockSupport other) {
        return new HostFacts(
                uid,
                gid,
                privileged,
                hostRoot,
                keyrings,
                hardLimits,
                tree,
                groups,
                controls,
                other,
                tasks);
    }

    /// These facts, for a command whose user has other processes and threads.
    public HostFacts withTasks(long others) {
        return new HostFacts(
                uid,
                gid,
                privileged,
                hostRoot,
                keyrings,
                hardLimits,
                tree,
                groups,
                controls,
                landlock,
                others);
    }

    /// Copies the map.
    public HostFacts {
        hardLimits = Map.copyOf(hardLimits);
    }
}
