package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.linux.mount.MountPlan;

/// What the launcher of a sandbox has prepared ahead of the launch.
///
/// A prepared launcher lives in a user namespace of its own, between the host's and those of its
/// sandboxes. There it keeps one network namespace ready, and makes the next while the sandbox that
/// took it starts; and it may stand in a mount namespace that holds nothing but the finished base
/// of a tree. A sandbox still gets every namespace of its own; what is locked in the base stays
/// locked for it, since its user namespace is a lesser one.
public enum Ahead {
    /// Nothing: the launcher stands on the host.
    NOTHING,
    /// A network namespace.
    NETWORK,
    /// A network namespace, and the base of the tree, which is the launcher's own root.
    NETWORK_AND_BASE;

    /// The most that can be prepared for `plan`.
    ///
    /// Ranges of users are mapped from the host's user namespace, and what is the host's cannot be
    /// had from inside a mount namespace without it. What is prepared belongs to the launcher's
    /// user namespace: a capability that the command keeps would not count there.
    public static Ahead mostFor(LaunchPlan plan) {
        if (!(plan.users() instanceof UserMap.Single)
                || !plan.privileges().kept().isEmpty()
                || !plan.isNew(Namespace.NET)
                || !plan.isNew(Namespace.PID)
                || !plan.isNew(Namespace.MOUNT)) {
            return NOTHING;
        }
        MountPlan mounts = plan.mounts();
        return mounts.canBePrepared() ? NETWORK_AND_BASE : NETWORK;
    }
}
