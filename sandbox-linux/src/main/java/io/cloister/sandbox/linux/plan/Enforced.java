package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Lists what holds for a launch, and by what means.
public final class Enforced {

    /// The item that names the tier.
    static final String ISOLATION = "isolation";

    private Enforced() {}

    /// The list for every launch of `spec` in the confined tier.
    ///
    /// @param spec what [Confined#onHost] made of the policy
    /// @param why why there are no namespaces; empty if they were not asked for
    public static List<Enforcement> confined(
            SandboxSpec spec, HostFacts facts, LimitPlan plan, String why) {
        return Confined.enforced(of(spec, facts, plan), !facts.privileged(), why);
    }

    /// The list for every launch of `spec`; the caller may change it.
    ///
    /// @param plan how its limits are kept
    public static List<Enforcement> of(SandboxSpec spec, HostFacts facts, LimitPlan plan) {
        List<Enforcement> list = new ArrayList<>();
        list.add(new Enforcement(ISOLATION, Isolation.NAMESPACES.label(), "as each of them says"));
        for (Namespace namespace : Namespace.values()) {
            list.add(
                    spec.newNamespaces().contains(namespace)
                            ? new Enforcement(namespace.label(), "new", "namespace")
                            : Enforcement.notHeld(namespace.label(), "host", "not isolated"));
        }
        if (spec.newNamespaces().contains(Namespace.MOUNT)) {
            list.add(new Enforcement("root", show(spec.filesystem().root()), "pivot_root"));
        }
        list.addAll(PrivilegePlanner.enforced(spec, facts));
        list.add(
                spec.syscalls().profile().filter(SyscallProfile.UNFILTERED::equals).isPresent()
                        ? Enforcement.notHeld("systemCalls", "unfiltered", "not filtered")
                        : new Enforcement("systemCalls", spec.syscalls().toString(), "seccomp"));
        ResourceLimits limits = spec.limits();
        limits.wallTime()
                .ifPresent(v ->
                        list.add(new Enforcement("wallTime", Units.formatDuration(v), "watched")));
        list.addAll(plan.enforced());
        limits.output()
                .ifPresent(v ->
                        list.add(new Enforcement("output", v.toString(), "counted, each stream")));
        for (LaunchPlan.ResourceLimit limit : LaunchPlanner.rlimits(spec.limits(), plan, facts)) {
            list.add(
                    new Enforcement(
                            "rlimit " + limit.name(),
                            show(limit.soft()) + ":" + show(limit.hard()),
                            "rlimit"));
        }
        return list;
    }

    /// What of a sandbox that stays holds for all its commands together, for the list of one
    /// command: `session memory`.
    ///
    /// @param session what holds for the sandbox
    public static List<Enforcement> ofSession(List<Enforcement> session) {
        Set<String> limits =
                Arrays.stream(LimitItem.values()).map(LimitItem::label).collect(Collectors.toSet());
        return session.stream()
                .filter(e -> limits.contains(e.item()))
                .map(e -> new Enforcement("session " + e.item(), e.value(), e.means(), e.holds()))
                .toList();
    }

    /// What the domain of the command adds.
    public static List<Enforcement> landlock(SandboxSpec spec, HostFacts facts, LandlockPlan plan) {
        List<Enforcement> list = new ArrayList<>();
        String means = "landlock";
        if (!facts.landlock().isThere()) {
            list.add(Enforcement.notHeld(means, "not there", facts.landlock().missing()));
        } else if (plan.isEmpty()) {
            String why = "ABI " + plan.abi() + " has nothing for this policy";
            list.add(Enforcement.notHeld(means, "not used", why));
        } else {
            list.add(new Enforcement(means, plan.summary(), means));
        }
        spec.network()
                .tcpBind()
                .ifPresent(ports -> list.add(new Enforcement("tcpBind", show(ports), means)));
        spec.network()
                .tcpConnect()
                .ifPresent(ports -> list.add(new Enforcement("tcpConnect", show(ports), means)));
        return list;
    }

    private static String show(Set<Integer> ports) {
        return ports.isEmpty()
                ? "none"
                : ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /// As `toString`, which the virtual machine makes for each kind of record at its first use:
    /// that is spared where there is nothing to show.
    private static String show(RootFilesystem root) {
        return root instanceof RootFilesystem.MinimalHost ? "MinimalHost[]" : root.toString();
    }

    private static String show(long limit) {
        return limit < 0 ? "unlimited" : Long.toString(limit);
    }
}
