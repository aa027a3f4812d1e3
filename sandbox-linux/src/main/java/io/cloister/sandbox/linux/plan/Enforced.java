package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.util.ArrayList;
import java.util.List;

/// Lists what holds for a launch, and by what means.
public final class Enforced {

    private Enforced() {}

    /// The list for every launch of `spec`; the caller may change it.
    ///
    /// @param plan how its limits are kept
    public static List<Enforcement> of(SandboxSpec spec, HostFacts facts, LimitPlan plan) {
        List<Enforcement> list = new ArrayList<>();
        for (Namespace namespace : Namespace.values()) {
            list.add(
                    spec.newNamespaces().contains(namespace)
                            ? new Enforcement(namespace.label(), "new", "namespace")
                            : new Enforcement(namespace.label(), "host", "not isolated"));
        }
        if (spec.newNamespaces().contains(Namespace.MOUNT)) {
            list.add(new Enforcement("root", spec.filesystem().root().toString(), "pivot_root"));
        }
        list.addAll(PrivilegePlanner.enforced(spec, facts));
        list.add(
                spec.syscalls().profile().filter(SyscallProfile.UNFILTERED::equals).isPresent()
                        ? new Enforcement("systemCalls", "unfiltered", "not filtered")
                        : new Enforcement("systemCalls", spec.syscalls().toString(), "seccomp"));
        ResourceLimits limits = spec.limits();
        limits.wallTime()
                .ifPresent(v ->
                        list.add(new Enforcement("wallTime", Units.formatDuration(v), "watched")));
        list.addAll(plan.enforced());
        limits.output()
                .ifPresent(v ->
                        list.add(new Enforcement("output", v.toString(), "counted, each stream")));
        for (LaunchPlan.ResourceLimit limit :
                LaunchPlanner.rlimits(spec.limits(), plan, facts.hardLimits())) {
            list.add(
                    new Enforcement(
                            "rlimit " + limit.name(),
                            show(limit.soft()) + ":" + show(limit.hard()),
                            "rlimit"));
        }
        return list;
    }

    private static String show(long limit) {
        return limit < 0 ? "unlimited" : Long.toString(limit);
    }
}
