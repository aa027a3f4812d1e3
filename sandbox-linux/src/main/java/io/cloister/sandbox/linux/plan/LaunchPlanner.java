package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.MountPlanner;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.linux.plan.LaunchPlan.ResourceLimit;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes the decisions of a launch.
public final class LaunchPlanner {

    private static final long UNLIMITED = -1;

    private LaunchPlanner() {}

    /// Checks what can be checked before any command is known.
    ///
    /// @throws SandboxUnavailableException if the specification asks for what this host or this
    ///   version cannot enforce
    public static void admit(SandboxSpec spec, HostFacts facts) {
        ResourceLimits limits = spec.limits();
        limits.memory().ifPresent(v -> refuse("memoryLimit", v));
        limits.swap().ifPresent(v -> refuse("swapLimit", v));
        limits.pids().ifPresent(v -> refuse("pidsLimit", v));
        limits.cpus().ifPresent(v -> refuse("cpus", v));
        if (facts.hostRoot() && !facts.privileged()) {
            throw new SandboxUnavailableException(
                    "the JVM is root without CAP_SETUID and CAP_SETGID, so that a sandbox would be"
                            + " the host's root",
                    "a host user for the sandbox",
                    "run the JVM as an ordinary user, or give it both capabilities");
        }
        users(spec, facts);
    }

    private static void refuse(String limit, Object value) {
        throw new SandboxUnavailableException(
                "%s %s was asked for, and control groups are not enforced yet"
                        .formatted(limit, value),
                limit,
                "leave it out, or use what holds without control groups: rlimit(DATA or AS, ...)"
                        + " for the memory of each process, rlimit(NPROC, ...) for the number of"
                        + " processes, cpuTimeLimit and wallTimeLimit");
    }

    /// The plan for every command of `spec`.
    ///
    /// @param mounts how the tree is built
    public static LaunchPlan plan(SandboxSpec spec, HostFacts facts, MountPlan mounts) {
        boolean uts = spec.newNamespaces().contains(Namespace.UTS);
        return new LaunchPlan(
                spec.newNamespaces(),
                users(spec, facts),
                mounts,
                uts ? spec.hostName() : Optional.empty(),
                // A new namespace starts with the host's name, which is none of its business.
                uts ? spec.domainName().or(() -> Optional.of("(none)")) : Optional.empty(),
                spec.clockOffsets(),
                spec.umask(),
                facts.keyrings(),
                rlimits(spec.limits(), facts.hardLimits()));
    }

    /// How users are mapped.
    public static UserMap users(SandboxSpec spec, HostFacts facts) {
        Identity identity = spec.identity();
        if (!spec.newNamespaces().contains(Namespace.USER)) {
            if (facts.privileged()) {
                return new UserMap.HostDropped();
            }
            if (!spec.newNamespaces().isEmpty()) {
                throw new SandboxUnavailableException(
                        "hostUser() was asked for together with new namespaces "
                                + spec.newNamespaces()
                                + ", which an ordinary user can make in a new user namespace only",
                        "a privileged JVM",
                        "leave hostUser() out, or run the JVM as root");
            }
            return new UserMap.Host();
        }
        if (identity.uidMap().isEmpty() && identity.gidMap().isEmpty()) {
            if (!identity.groups().isEmpty()) {
                throw new IllegalArgumentException(
                        "groups "
                                + identity.groups()
                                + " need a gid map that has them: call mapUids and mapGids");
            }
            return new UserMap.Single(identity.uid(), identity.gid());
        }
        return new UserMap.Ranges(
                identity.uidMap(),
                identity.gidMap(),
                identity.uid(),
                identity.gid(),
                identity.groups());
    }

    /// How the tree is built.
    ///
    /// @param rootSource where a directory root comes from
    /// @param sources where the binds come from
    /// @throws IllegalArgumentException if the policy contradicts itself
    public static MountPlan mounts(
            SandboxSpec spec,
            HostFacts facts,
            Optional<Source> rootSource,
            Map<Mount, Source> sources) {
        if (!spec.newNamespaces().contains(Namespace.MOUNT)) {
            return MountPlan.NONE;
        }
        return MountPlanner.plan(
                spec.filesystem(),
                facts.tree(),
                rootSource,
                sources,
                new MountPlanner.Occupant(
                        spec.identity().uid(),
                        spec.identity().gid(),
                        spec.hostName().orElse("localhost"),
                        spec.environment().getOrDefault("HOME", "/tmp"),
                        !spec.newNamespaces().contains(Namespace.NET),
                        !spec.newNamespaces().contains(Namespace.PID)));
    }

    static List<ResourceLimit> rlimits(ResourceLimits limits, Map<Rlimit, Long> hardLimits) {
        Map<Rlimit, RlimitValue> all = new EnumMap<>(Rlimit.class);
        all.putAll(limits.rlimits());
        limits.cpuTime().ifPresent(cpu -> all.merge(Rlimit.CPU, cpuLimit(cpu), Rlimits::lower));
        List<ResourceLimit> result = new ArrayList<>();
        all.forEach((limit, value) -> {
            RlimitValue capped = Rlimits.cap(value, hardLimits.getOrDefault(limit, UNLIMITED));
            result.add(
                    new ResourceLimit(
                            limit.name(), Rlimits.number(limit), capped.soft(), capped.hard()));
        });
        return List.copyOf(result);
    }

    /// SIGXCPU at the limit in whole seconds; a second later SIGKILL, for a program that ignores
    /// it.
    private static RlimitValue cpuLimit(Duration limit) {
        long seconds = Rlimits.wholeSeconds(limit);
        return new RlimitValue(seconds, seconds + 1);
    }
}
