package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How the limits of a policy are kept, decided.
///
/// @param group what the control group of a run is told
/// @param controllers the controllers that it is to have; empty: no group is made, since no limit
///   wants one or the host has none
/// @param watchedMemory bytes of all processes together, where no group can limit them and the JVM
///   looks from time to time
/// @param watchedPids processes and threads likewise
/// @param watchable whether the JVM can see the processes
/// @param countedByGroup whether the group tells how much processor time was used
/// @param enforced the items with their values and means, in the order to show them
public record LimitPlan(
        CgroupLimits group,
        Set<Controller> controllers,
        Optional<Long> watchedMemory,
        Optional<Long> watchedPids,
        boolean watchable,
        boolean countedByGroup,
        List<Enforcement> enforced) {

    /// Copies.
    public LimitPlan {
        controllers = Set.copyOf(controllers);
        enforced = List.copyOf(enforced);
    }

    /// The same without `controller`.
    public LimitPlan without(Controller controller) {
        Set<Controller> others = new HashSet<>(controllers);
        others.remove(controller);
        return new LimitPlan(
                group, others, watchedMemory, watchedPids, watchable, countedByGroup, enforced);
    }

    /// Whether each run gets a control group.
    public boolean isGrouped() {
        return !controllers.isEmpty();
    }
}
