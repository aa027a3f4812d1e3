package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.landlock.LandlockPlanner;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.MountPlanner;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.linux.plan.LaunchPlan.ResourceLimit;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;
import io.cloister.sandbox.policy.RootFilesystem;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Takes the decisions of a launch.
public final class LaunchPlanner {

    private static final long UNLIMITED = -1;

    /// How far the backstops are above limits that are watched, so that their breach is seen.
    private static final long SPARE_MEMORY = 64L << 20;

    private static final long SPARE_PIDS = 16;

    /// Beyond any host; calculating with it does not overflow.
    private static final long MOST = 1L << 60;

    private LaunchPlanner() {}

    /// Checks what can be checked before any command is known.
    ///
    /// @throws SandboxUnavailableException if the specification asks for what this host or this
    ///   version cannot enforce
    public static void admit(SandboxSpec spec, HostFacts facts) {
        if (facts.hostRoot() && !facts.privileged()) {
            throw new SandboxUnavailableException(
                    "the JVM is root without CAP_SETUID and CAP_SETGID, so that a sandbox would be"
                            + " the host's root",
                    "a host user for the sandbox",
                    "run the JVM as an ordinary user, or give it both capabilities");
        }
        PrivilegePlanner.plan(spec.privileges(), facts.controls(), users(spec, facts));
        LandlockPlanner.admit(spec.network(), facts.landlock());
    }

    /// The plan for every command of `spec`.
    ///
    /// @param mounts how the tree is built
    /// @param limits how the limits are kept
    public static LaunchPlan plan(
            SandboxSpec spec, HostFacts facts, MountPlan mounts, LimitPlan limits) {
        LandlockPlan landlock = LandlockPlanner.underMounts(spec, mounts, facts.landlock());
        return plan(spec, facts, mounts, limits, landlock);
    }

    /// The plan for every command of `spec`.
    ///
    /// @param mounts how the tree is built
    /// @param limits how the limits are kept
    /// @param landlock the domain of the command
    public static LaunchPlan plan(
            SandboxSpec spec,
            HostFacts facts,
            MountPlan mounts,
            LimitPlan limits,
            LandlockPlan landlock) {
        return plan(spec, facts, mounts, limits, landlock, Sharing.NONE);
    }

    /// The plan for every command of `spec`.
    ///
    /// @param mounts how the tree is built
    /// @param limits how the limits are kept
    /// @param landlock the domain of the command
    /// @param sharing what is joined
    public static LaunchPlan plan(
            SandboxSpec spec,
            HostFacts facts,
            MountPlan mounts,
            LimitPlan limits,
            LandlockPlan landlock,
            Sharing sharing) {
        UserMap users = users(spec, facts);
        boolean uts = spec.newNamespaces().contains(Namespace.UTS);
        return sharing.entered(
                new LaunchPlan(
                        spec.newNamespaces(),
                        users,
                        mounts,
                        uts ? spec.hostName() : Optional.empty(),
                        // A new namespace starts with the host's name, which is none of its
                        // business.
                        uts ? spec.domainName().or(() -> Optional.of("(none)")) : Optional.empty(),
                        spec.clockOffsets(),
                        spec.umask(),
                        Keyring.of(spec, facts),
                        rlimits(spec.limits(), limits, facts),
                        PrivilegePlanner.plan(spec.privileges(), facts.controls(), users),
                        landlock));
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

    /// The control groups that the program of a run cannot reach. The files of version 2 belong in
    /// part to the user of the sandbox: who can write to a place where it is mounted can leave its
    /// group. So a policy that shows such a place does without.
    public static ControlGroups beyondReach(SandboxSpec spec, ControlGroups groups) {
        boolean reachable =
                groups.mountPoints().stream()
                        .anyMatch(point ->
                                !spec.newNamespaces().contains(Namespace.MOUNT)
                                        || writable(spec)
                                                .anyMatch(path ->
                                                        point.startsWith(path)
                                                                || path.startsWith(point)));
        return reachable
                ? groups.only(
                        groups.version1(),
                        new ControlGroups.Missing(
                                "the policy lets the program write to control groups, at "
                                        + groups.mountPoints(),
                                "leave out what makes that place writable"))
                : groups;
    }

    /// The host's paths that a policy makes writable.
    private static Stream<Path> writable(SandboxSpec spec) {
        Stream<Path> root =
                spec.filesystem().root() instanceof RootFilesystem.Directory(Path path, boolean w)
                                && w
                        ? Stream.of(path)
                        : Stream.empty();
        return Stream.concat(
                root,
                spec.filesystem().mounts().stream()
                        .filter(Bind.class::isInstance)
                        .map(Bind.class::cast)
                        .filter(Bind::writable)
                        .map(Bind::source)
                        .filter(BindSource.HostPath.class::isInstance)
                        .map(source -> ((BindSource.HostPath) source).path()));
    }

    /// Whether a run is to open devices beyond the usual ones, which the device controller of
    /// cgroup v1 would deny.
    public static boolean opensDevices(SandboxSpec spec) {
        return !spec.newNamespaces().contains(Namespace.MOUNT)
                || spec.filesystem().mounts().stream()
                        .anyMatch(mount -> mount instanceof Bind bind && bind.devices());
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
        return mounts(spec, facts, rootSource, sources, Sharing.NONE);
    }

    /// How the tree is built.
    ///
    /// @param rootSource where a directory root comes from
    /// @param sources where the binds come from
    /// @param sharing what is joined
    /// @throws IllegalArgumentException if the policy contradicts itself
    public static MountPlan mounts(
            SandboxSpec spec,
            HostFacts facts,
            Optional<Source> rootSource,
            Map<Mount, Source> sources,
            Sharing sharing) {
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
                        sharing.hostName().or(spec::hostName).orElse("localhost"),
                        spec.environment().getOrDefault("HOME", "/tmp"),
                        !spec.newNamespaces().contains(Namespace.NET)
                                && !sharing.namespaces().contains(Namespace.NET),
                        !spec.newNamespaces().contains(Namespace.PID),
                        !spec.newNamespaces().contains(Namespace.IPC)));
    }

    /// The plan for a command in a sandbox that stays.
    ///
    /// @param session the plan by which it was set up
    /// @param limits the limits of the command
    /// @param plan how they are kept
    public static LaunchPlan within(
            LaunchPlan session, ResourceLimits limits, LimitPlan plan, HostFacts facts) {
        return session.within(rlimits(limits, plan, facts));
    }

    static List<ResourceLimit> rlimits(ResourceLimits limits, LimitPlan plan, HostFacts facts) {
        Map<Rlimit, RlimitValue> all = new EnumMap<>(Rlimit.class);
        all.putAll(limits.rlimits());
        limits.cpuTime()
                .map(cpu -> Deadlines.sum(cpu, limits.extraTime().orElse(Duration.ZERO)))
                .ifPresent(cpu -> all.merge(Rlimit.CPU, cpuLimit(cpu), Rlimits::lower));
        plan.watchedMemory()
                .map(memory -> 2 * Math.min(memory, MOST) + SPARE_MEMORY)
                .ifPresent(data -> all.merge(Rlimit.DATA, both(data), Rlimits::lower));
        plan.watchedPids()
                .map(pids -> Math.min(pids, MOST) + Math.max(Math.min(pids, MOST) / 2, SPARE_PIDS))
                .ifPresent(pids -> all.merge(Rlimit.NPROC, both(pids), Rlimits::lower));
        // The kernel counts all that the user has.
        all.computeIfPresent(
                Rlimit.NPROC,
                (_, value) ->
                        new RlimitValue(
                                beside(value.soft(), facts.tasks()),
                                beside(value.hard(), facts.tasks())));
        List<ResourceLimit> result = new ArrayList<>();
        all.forEach((limit, value) -> {
            long hard = facts.hardLimits().getOrDefault(limit, UNLIMITED);
            RlimitValue capped = Rlimits.cap(value, hard);
            result.add(
                    new ResourceLimit(
                            limit.name(), Rlimits.number(limit), capped.soft(), capped.hard()));
        });
        return List.copyOf(result);
    }

    private static long beside(long limit, long others) {
        return limit == UNLIMITED ? limit : Math.min(limit, MOST) + others;
    }

    /// A backstop, for a JVM that does not get to see that the limit is reached: a second later
    /// SIGXCPU, and another one later SIGKILL, for a program that ignores it.
    private static RlimitValue cpuLimit(Duration limit) {
        long seconds = Rlimits.wholeSeconds(limit);
        return new RlimitValue(seconds + 1, seconds + 2);
    }

    private static RlimitValue both(long value) {
        return new RlimitValue(value, value);
    }
}
