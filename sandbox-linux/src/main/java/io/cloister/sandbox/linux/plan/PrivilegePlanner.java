package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.Privileges;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Takes the decisions about capabilities and protections.
public final class PrivilegePlanner {

    private static final String NOT_ENFORCED = "not enforced: ";

    private PrivilegePlanner() {}

    /// The plan for `privileges`.
    ///
    /// @param users how users are mapped
    /// @throws SandboxUnavailableException if this host cannot enforce them
    public static PrivilegePlan plan(
            Privileges privileges, ProcessControls controls, UserMap users) {
        boolean own = users instanceof UserMap.Single || users instanceof UserMap.Ranges;
        if (!own && !privileges.capabilities().isEmpty()) {
            throw new SandboxUnavailableException(
                    "keepCapabilities(...) asks for "
                            + names(List.copyOf(privileges.capabilities()))
                            + ", which without a user namespace of its own would be the host's",
                    "a user namespace",
                    "leave hostUser() out");
        }
        boolean denied = privileges.hardenings().contains(Hardening.DENY_WRITE_EXECUTE);
        if (denied) {
            denyWriteExecute(controls.writeExecute());
        }
        boolean ownCore = privileges.hardenings().contains(Hardening.CORE_SCHEDULING);
        if (ownCore) {
            coreScheduling(controls.coreScheduling());
        }
        return new PrivilegePlan(
                List.copyOf(privileges.capabilities()),
                own || users instanceof UserMap.HostDropped && controls.mayLock(),
                denied,
                privileges.hardenings().contains(Hardening.MITIGATE_SPECULATION)
                        ? controlled(controls)
                        : List.of(),
                ownCore);
    }

    private static void denyWriteExecute(long answer) {
        if (answer < 0) {
            throw new SandboxUnavailableException(
                    "DENY_WRITE_EXECUTE was asked for, and this kernel has no PR_SET_MDWE ("
                            + error(answer)
                            + ")",
                    "PR_SET_MDWE",
                    "run a kernel from 6.3 on");
        }
    }

    private static void coreScheduling(long answer) {
        if (Errno.ENODEV.is(answer)) {
            throw new SandboxUnavailableException(
                    "CORE_SCHEDULING was asked for, and the kernel sees cores of one thread each"
                            + " (ENODEV)",
                    "a processor that runs several threads on a core",
                    "leave it out where each core has one thread; in a virtual machine, let it see"
                            + " the host's cores");
        }
        if (answer < 0) {
            throw new SandboxUnavailableException(
                    "CORE_SCHEDULING was asked for, and this kernel has no PR_SCHED_CORE ("
                            + error(answer)
                            + ")",
                    "PR_SCHED_CORE",
                    "run a kernel from 5.14 on, built with CONFIG_SCHED_CORE=y");
        }
    }

    private static List<SpeculationKind> controlled(ProcessControls controls) {
        return Arrays.stream(SpeculationKind.values())
                .filter(kind -> controls.state(kind) == SpeculationKind.State.CONTROLLED)
                .toList();
    }

    /// What holds, and by what means.
    static List<Enforcement> enforced(SandboxSpec spec, HostFacts facts) {
        UserMap users = LaunchPlanner.users(spec, facts);
        PrivilegePlan plan = plan(spec.privileges(), facts.controls(), users);
        List<Enforcement> list = new ArrayList<>();
        list.add(
                plan.kept().isEmpty()
                        ? new Enforcement("capabilities", "none", "capset")
                        : new Enforcement(
                                "capabilities",
                                names(plan.kept()),
                                "capset, ambient; within the user namespace"));
        String unlocked = NOT_ENFORCED + "the JVM has no CAP_SETPCAP, and hostUser() brings none";
        list.add(
                plan.locked()
                        ? new Enforcement(
                                "boundingSet",
                                plan.kept().isEmpty() ? "empty" : names(plan.kept()),
                                "prctl")
                        : Enforcement.notHeld("boundingSet", "the JVM's", unlocked));
        list.add(
                plan.locked()
                        ? new Enforcement("securebits", "locked", "prctl")
                        : Enforcement.notHeld("securebits", "not set", unlocked));
        list.add(new Enforcement("noNewPrivileges", "on", "prctl"));
        list.add(nestedUserNamespaces(spec));
        if (plan.denyWriteExecute()) {
            list.add(new Enforcement(Hardening.DENY_WRITE_EXECUTE.label(), "on", "prctl"));
        }
        if (spec.privileges().hardenings().contains(Hardening.MITIGATE_SPECULATION)) {
            for (SpeculationKind kind : SpeculationKind.values()) {
                list.add(speculation(kind, facts.controls()));
            }
        }
        if (plan.ownCore()) {
            list.add(new Enforcement(Hardening.CORE_SCHEDULING.label(), "on", "prctl"));
        }
        return list;
    }

    private static Enforcement nestedUserNamespaces(SandboxSpec spec) {
        List<String> means = new ArrayList<>();
        if (spec.newNamespaces().contains(Namespace.USER)) {
            means.add("max_user_namespaces");
        }
        if (spec.newNamespaces().contains(Namespace.MOUNT)) {
            means.add("chroot");
        }
        return means.isEmpty()
                ? Enforcement.notHeld(
                        "nestedUserNamespaces", "see systemCalls", "the system call filter alone")
                : new Enforcement("nestedUserNamespaces", "refused", String.join(", ", means));
    }

    private static Enforcement speculation(SpeculationKind kind, ProcessControls controls) {
        boolean flush = kind == SpeculationKind.CACHE_FLUSH;
        String protectedValue = flush ? "on" : "off";
        String plainValue = flush ? "off" : "on";
        String name = kind.label();
        return switch (controls.state(kind)) {
            case CONTROLLED -> new Enforcement(name, protectedValue, "prctl");
            case NOT_AFFECTED ->
                    new Enforcement(name, "not needed", "the processor is not affected");
            case ALWAYS_PROTECTED ->
                    new Enforcement(name, protectedValue, "by the kernel, for every process");
            case NO_CONTROL ->
                    Enforcement.notHeld(
                            name,
                            plainValue,
                            NOT_ENFORCED
                                    + (flush
                                            ? "the kernel was not started with l1d_flush=on"
                                            : "the kernel gives no control over it here"));
            case SHARED_CORES ->
                    Enforcement.notHeld(
                            name, plainValue, NOT_ENFORCED + "a core may run two threads at once");
            case UNKNOWN ->
                    Enforcement.notHeld(
                            name,
                            plainValue,
                            NOT_ENFORCED
                                    + "the kernel does not know it on this processor ("
                                    + error(controls.speculation().get(kind))
                                    + ")");
        };
    }

    private static String error(long answer) {
        return Errno.nameOf((int) -answer);
    }

    private static String names(List<Capability> capabilities) {
        return capabilities.stream().map(Capability::label).collect(Collectors.joining(", "));
    }
}
