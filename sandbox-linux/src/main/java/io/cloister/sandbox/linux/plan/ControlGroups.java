package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.linux.limit.Controller;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the JVM can do with control groups here.
///
/// @param available the controllers that limits can be set through
/// @param version1 those of them that are in a hierarchy of version 1
/// @param missing why a controller cannot be used
/// @param swap whether the host has swap
/// @param processesHidden whether the JVM cannot see the processes of a sandbox (hidepid of
///   proc(5)), so that nothing can be watched without a group
/// @param mountPoints where version 2 is mounted
public record ControlGroups(
        Set<Controller> available,
        Set<Controller> version1,
        Map<Controller, Missing> missing,
        boolean swap,
        boolean processesHidden,
        List<Path> mountPoints) {

    /// No control groups, for reasons that nobody looked at.
    public static final ControlGroups NONE = new ControlGroups(Set.of(), Set.of(), Map.of(), false);

    /// Where processes can be seen and version 2 is not mounted.
    public ControlGroups(
            Set<Controller> available,
            Set<Controller> version1,
            Map<Controller, Missing> missing,
            boolean swap) {
        this(available, version1, missing, swap, false, List.of());
    }

    /// Why a controller cannot be used.
    ///
    /// @param why what was found
    /// @param remedy what would provide it
    public record Missing(String why, String remedy) {
        private static final Missing UNKNOWN =
                new Missing(
                        "no control group of this JVM has it",
                        "run `sandbox doctor`, which says more");
    }

    /// Copies.
    public ControlGroups {
        available = Set.copyOf(available);
        version1 = Set.copyOf(version1);
        missing = Map.copyOf(missing);
        mountPoints = List.copyOf(mountPoints);
    }

    /// The same without those controllers that `left` does not have, for a reason.
    public ControlGroups only(Set<Controller> left, Missing why) {
        Set<Controller> rest = new HashSet<>(available);
        rest.retainAll(left);
        Map<Controller, Missing> reasons = new HashMap<>(missing);
        available.stream().filter(c -> !left.contains(c)).forEach(c -> reasons.put(c, why));
        return new ControlGroups(rest, version1, reasons, swap, processesHidden, mountPoints);
    }

    /// What can be done in groups below that of a sandbox that stays.
    ///
    /// @param heritable the controllers that such a group can have
    public ControlGroups below(Set<Controller> heritable) {
        Set<Controller> disks = new HashSet<>(available);
        disks.remove(Controller.IO);
        ControlGroups rest =
                version1.contains(Controller.IO)
                        ? only(
                                disks,
                                new Missing(
                                        "in cgroup v1 limits on disks do not hold for groups below"
                                                + " that of the session",
                                        "set it in the policy, for all commands of the session"))
                        : this;
        return rest.only(
                heritable,
                new Missing(
                        "the control group of the session does not have it, since no limit of its"
                                + " policy wants it",
                        "limit it in the policy too, for all commands of the session"));
    }

    /// Whether `controller` can be used.
    public boolean has(Controller controller) {
        return available.contains(controller);
    }

    /// Why `controller` cannot be used.
    public Missing missing(Controller controller) {
        return missing.getOrDefault(controller, Missing.UNKNOWN);
    }

    /// How limits through `controller` are called.
    String means(Controller controller) {
        return version1.contains(controller) ? "cgroup v1" : "cgroup v2";
    }
}
