package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.cgroup.Unmet;
import io.cloister.sandbox.linux.host.BlockDevices;
import io.cloister.sandbox.linux.host.HostInspector;
import io.cloister.sandbox.linux.landlock.ConfinedPlanner;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.landlock.LandlockPlanner;
import io.cloister.sandbox.linux.landlock.PortFilter;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.linux.plan.Confined;
import io.cloister.sandbox.linux.plan.ControlGroups;
import io.cloister.sandbox.linux.plan.Enforced;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.LaunchPlanner;
import io.cloister.sandbox.linux.plan.LimitPlan;
import io.cloister.sandbox.linux.plan.LimitPlanner;
import io.cloister.sandbox.linux.plan.SessionLimits;
import io.cloister.sandbox.linux.plan.Sharing;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.InstalledFilter;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// A specification with what follows from it for every launch, computed once. Thread-safe.
final class Policy {

    private static final int SET_UPS = 64;

    private final SandboxSpec asked;
    private final Optional<Joining> joining;
    private final SandboxSpec spec;
    private final boolean confined;
    private final HostFacts facts;
    private final UserMap users;
    private final LimitPlan limitPlan;
    private final List<Enforcement> enforced;
    private final InstalledFilter filter;
    private final SyscallHandlers handlers;
    private final Latest<SetUpKey, SyscallProgram> setUps = new Latest<>(SET_UPS);
    private volatile Optional<Planned> last = Optional.empty();
    private volatile Optional<Told> told = Optional.empty();

    /// What holds for runs with this domain.
    private record Told(LandlockPlan plan, List<Enforcement> enforced) {}

    /// The latest plan, and for which sources it holds.
    private record Planned(
            Optional<Source> root,
            Map<Mount, Source> sources,
            List<ConfinedPlanner.Place> places,
            LaunchPlan plan) {}

    /// @throws io.cloister.sandbox.SandboxUnavailableException if the host cannot enforce it
    Policy(SandboxSpec spec, HostFacts facts, SyscallHandlers handlers) {
        this(spec, spec, facts, handlers, Optional.empty(), Optional.empty());
    }

    /// The policy of sandboxes that join a session.
    ///
    /// @throws io.cloister.sandbox.SandboxUnavailableException if the host cannot enforce it
    static Policy joining(
            SandboxSpec spec, HostFacts facts, SyscallHandlers handlers, Joining joining) {
        SandboxSpec applied = joining.sharing().applied(spec);
        return new Policy(spec, applied, facts, handlers, Optional.empty(), Optional.of(joining));
    }

    /// The policy in the confined tier.
    ///
    /// @param why why there are no namespaces; empty if they were not asked for
    /// @throws io.cloister.sandbox.SandboxUnavailableException if the host cannot enforce it
    static Policy confined(
            SandboxSpec spec, HostFacts facts, SyscallHandlers handlers, String why) {
        ConfinedPlanner.admit(facts.landlock());
        SandboxSpec onHost = Confined.onHost(spec, !facts.privileged());
        return new Policy(spec, onHost, facts, handlers, Optional.of(why), Optional.empty());
    }

    /// @param asked what the caller asked for
    /// @param spec by what a launch is planned
    /// @param confined absent: with namespaces; else why not
    /// @param joining the session that is joined
    private Policy(
            SandboxSpec asked,
            SandboxSpec spec,
            HostFacts facts,
            SyscallHandlers handlers,
            Optional<String> confined,
            Optional<Joining> joining) {
        LaunchPlanner.admit(spec, facts);
        this.asked = asked;
        this.joining = joining;
        this.spec = spec;
        this.handlers = handlers;
        this.confined = confined.isPresent();
        users = LaunchPlanner.users(spec, facts);
        this.facts =
                withProc(facts, spec.filesystem().proc())
                        .withGroups(LaunchPlanner.beyondReach(asked, facts.groups()))
                        .withTasks(users instanceof UserMap.Host ? UserTasks.expected() : 0);
        limitPlan = limitPlan(spec.limits());
        enforced =
                List.copyOf(
                        confined.map(why -> Enforced.confined(spec, this.facts, limitPlan, why))
                                .orElseGet(() ->
                                        sharing().told(Enforced.of(spec, this.facts, limitPlan))));
        filter = Filters.of(spec.syscalls().first(PortFilter.rules(spec.network())));
    }

    /// Another policy that shares what does not depend on limits.
    ///
    /// @param groups what can be done with control groups
    /// @param further what else holds
    private Policy(
            Policy other,
            SandboxSpec spec,
            LimitPlan plan,
            ControlGroups groups,
            List<Enforcement> further) {
        asked = other.asked;
        joining = other.joining;
        this.spec = spec;
        confined = other.confined;
        facts = other.facts.withGroups(groups);
        users = other.users;
        filter = other.filter;
        handlers = other.handlers;
        this.limitPlan = plan;
        List<Enforcement> all = new ArrayList<>(sharing().told(Enforced.of(spec, facts, plan)));
        all.addAll(further);
        enforced = List.copyOf(all);
    }

    /// The policy of a sandbox that stays.
    ///
    /// @throws SandboxUnavailableException if nothing could keep its commands together
    Policy ofSession() {
        if (confined || !spec.newNamespaces().contains(Namespace.PID)) {
            throw new SandboxUnavailableException(
                    "a session was asked for, and the policy "
                            + (confined
                                    ? "is kept without namespaces"
                                    : joinsProcesses() ? "has joinPid(...)" : "has hostPid()")
                            + ": nothing would keep its commands together",
                    "PID namespace",
                    confined
                            ? "allow user namespaces on the host, or run each command by itself"
                            : joinsProcesses()
                                    ? "run each command by itself"
                                    : "leave hostPid() out");
        }
        ResourceLimits limits = SessionLimits.ofAll(spec.limits());
        return new Policy(this, limited(limits), limitPlan(limits), groups(), List.of());
    }

    /// The policy of a command in a session.
    ///
    /// @param wanted its limits
    /// @param controllers what a control group below that of the session can have
    /// @param session what holds for the session
    Policy ofCommand(
            ResourceLimits wanted, Set<Controller> controllers, List<Enforcement> session) {
        ResourceLimits limits = SessionLimits.withSwap(wanted, spec.limits());
        limits.requireConsistent();
        ControlGroups below;
        if (SessionLimits.needGroup(limits)) {
            below = groups().below(controllers);
        } else {
            below =
                    groups().only(
                                    Set.of(),
                                    new ControlGroups.Missing(
                                            "a command without limits on memory, processes or"
                                                    + " processors of its own has no control group",
                                            "give it one of them"));
        }
        return new Policy(
                this,
                limited(limits),
                limitPlan(limits, below),
                below,
                Enforced.ofSession(session));
    }

    private boolean joinsProcesses() {
        return sharing().namespaces().contains(Namespace.PID);
    }

    private SandboxSpec limited(ResourceLimits limits) {
        return new SandboxSpec(
                spec.newNamespaces(),
                spec.filesystem(),
                spec.identity(),
                spec.hostName(),
                spec.domainName(),
                spec.clockOffsets(),
                spec.umask(),
                spec.environment(),
                spec.workDirectory(),
                limits,
                spec.syscalls(),
                spec.privileges(),
                spec.network(),
                spec.isolation());
    }

    /// The facts with the entries of /proc that this policy names beyond the usual ones.
    private static HostFacts withProc(HostFacts facts, ProcFilesystem proc) {
        Set<String> named = new LinkedHashSet<>(proc.masked());
        named.addAll(proc.readOnly());
        ProcFilesystem standard = ProcFilesystem.standard();
        named.removeAll(standard.masked());
        named.removeAll(standard.readOnly());
        return facts.withProc(HostInspector.proc(named, false));
    }

    /// What a set-up depends on, beside the policy. The plan counts by identity, which is enough:
    /// it is planned anew only when it differs. The hash is coarse: hashing a record costs the
    /// start of a program more than it can save.
    record SetUpKey(LaunchPlan plan, List<Integer> descriptors, Footing footing, int base) {
        @Override
        public boolean equals(Object other) {
            return other instanceof SetUpKey key
                    && plan == key.plan
                    && descriptors.equals(key.descriptors)
                    && footing.equals(key.footing)
                    && base == key.base;
        }

        @Override
        public int hashCode() {
            return Objects.hash(System.identityHashCode(plan), descriptors, footing.uid(), base);
        }
    }

    /// The set-up for `key`, compiled when it is not among the latest ones.
    SyscallProgram setUp(SetUpKey key, Supplier<SyscallProgram> compiler) {
        return setUps.get(key, _ -> compiler.get());
    }

    SandboxSpec spec() {
        return spec;
    }

    /// The session that is joined.
    Optional<Joining> joining() {
        return joining;
    }

    private Sharing sharing() {
        return joining.map(Joining::sharing).orElse(Sharing.NONE);
    }

    /// Whether it is kept without namespaces.
    boolean isConfined() {
        return confined;
    }

    /// The filter of the command.
    InstalledFilter filter() {
        return filter;
    }

    /// Who answers system calls.
    SyscallHandlers handlers() {
        return handlers;
    }

    UserMap users() {
        return users;
    }

    /// What can be done with control groups.
    ControlGroups groups() {
        return facts.groups();
    }

    /// The file that tells of processes killed for want of memory.
    String memoryEvents() {
        return facts.groups().version1().contains(Controller.MEMORY)
                ? "memory.oom_control"
                : "memory.events";
    }

    /// How the limits are kept.
    LimitPlan limitPlan() {
        return limitPlan;
    }

    /// How other limits would be kept.
    ///
    /// @throws SandboxUnavailableException if the host cannot keep one that is required
    LimitPlan limitPlan(ResourceLimits limits) {
        return limitPlan(limits, groups());
    }

    /// How other limits would be kept of a run that has no control group.
    LimitPlan limitPlanWithoutGroup(ResourceLimits limits) {
        ControlGroups.Missing missing =
                new ControlGroups.Missing(
                        "it began without a control group, since no limit wanted one",
                        "let the run begin with a limit");
        return limitPlan(limits, groups().only(Set.of(), missing));
    }

    private LimitPlan limitPlan(ResourceLimits limits, ControlGroups groups) {
        Map<DeviceIo, CgroupLimits.IoMax> devices = new HashMap<>();
        if (groups.has(Controller.IO)) {
            try {
                limits.io().forEach(device -> devices.put(device, BlockDevices.limits(device)));
            } catch (IllegalArgumentException e) {
                if (limits.isRequired(LimitItem.IO)) {
                    throw e;
                }
                Set<Controller> others = new HashSet<>(groups.available());
                others.remove(Controller.IO);
                ControlGroups.Missing why =
                        new ControlGroups.Missing(e.getMessage(), "name a disk of this host");
                return limitPlan(limits, groups.only(others, why));
            }
        }
        LimitPlan plan = LimitPlanner.plan(limits, groups, devices);
        return LaunchPlanner.opensDevices(asked) ? plan.without(Controller.DEVICES) : plan;
    }

    boolean fileSizeLimited() {
        RlimitValue limit = spec.limits().rlimits().get(Rlimit.FSIZE);
        return limit != null && limit.soft() >= 0;
    }

    /// What holds for a run.
    ///
    /// @param plan its plan
    /// @param unmet what its control group could not be told
    /// @throws SandboxUnavailableException if that was required
    List<Enforcement> enforced(LaunchPlan plan, List<Unmet> unmet) {
        List<Enforcement> known =
                told.filter(t -> t.plan == plan.landlock())
                        .map(Told::enforced)
                        .orElseGet(() -> tell(plan.landlock()));
        if (unmet.isEmpty()) {
            return known;
        }
        admit(spec.limits(), unmet);
        List<Enforcement> changed = new ArrayList<>(known);
        for (Unmet limit : unmet) {
            String item = item(limit).label();
            changed.replaceAll(e ->
                    e.item().equals(item)
                            ? Enforcement.notHeld(
                                    item, e.value(), "not enforced: " + limit.message())
                            : e);
        }
        return List.copyOf(changed);
    }

    private List<Enforcement> tell(LandlockPlan landlock) {
        List<Enforcement> all = new ArrayList<>(enforced);
        if (sharing().tracing()) {
            all.add(
                    Enforcement.notHeld(
                            "landlock",
                            "not used",
                            "who is in a domain may trace nobody outside of it"));
        } else {
            all.addAll(Enforced.landlock(spec, facts, landlock));
        }
        Told fresh = new Told(landlock, List.copyOf(all));
        told = Optional.of(fresh);
        return fresh.enforced;
    }

    /// Checks that no limit is unmet that is required.
    void admit(ResourceLimits limits, List<Unmet> unmet) {
        for (Unmet limit : unmet) {
            LimitItem item = item(limit);
            if (limits.isRequired(item)) {
                throw new SandboxUnavailableException(
                        "%s was asked for, and the control group does not take it: %s"
                                .formatted(item.label(), limit.message()),
                        "control group for " + item.label(),
                        remedy(limit) + "; or call bestEffort(LimitItem." + item.name() + ")");
            }
        }
    }

    /// In version 1 a run has the groups that its limits wanted when it began.
    private static String remedy(Unmet limit) {
        return switch (Errno.nameOf(limit.errno())) {
            case "ENODEV" -> "let the run begin with a limit of this kind";
            case "EBUSY" -> "give it more: the sandbox itself needs that much";
            case "ENOENT" -> "use a kernel that has " + limit.file();
            default -> "give a value that this host takes";
        };
    }

    private static LimitItem item(Unmet limit) {
        return LimitItem.valueOf(limit.kind().name());
    }

    /// The plan; made anew only when a source has changed.
    LaunchPlan plan(BindSources binds) {
        List<ConfinedPlanner.Place> places = confined ? ConfinedPlaces.resolve(asked) : List.of();
        Optional<Planned> known = last;
        if (known.isPresent()
                && known.get().root.equals(binds.root())
                && known.get().sources.equals(binds.sources())
                && known.get().places.equals(places)) {
            return known.get().plan;
        }
        LaunchPlan plan = confined ? planConfined(places) : planWithMounts(binds);
        last = Optional.of(new Planned(binds.root(), Map.copyOf(binds.sources()), places, plan));
        return plan;
    }

    /// The plan of a command of this policy in a sandbox that was set up by `session`.
    LaunchPlan planWithin(LaunchPlan session) {
        return LaunchPlanner.within(session, spec.limits(), limitPlan, facts);
    }

    private LaunchPlan planConfined(List<ConfinedPlanner.Place> places) {
        LandlockPlan landlock = ConfinedPlanner.plan(facts.tree(), places, facts.landlock());
        return LaunchPlanner.plan(spec, facts, MountPlan.NONE, limitPlan, landlock);
    }

    private LaunchPlan planWithMounts(BindSources binds) {
        Sharing sharing = sharing();
        MountPlan mounts =
                LaunchPlanner.mounts(spec, facts, binds.root(), binds.sources(), sharing);
        return sharing.isAny()
                ? LaunchPlanner.plan(spec, facts, mounts, limitPlan, domain(mounts), sharing)
                : LaunchPlanner.plan(spec, facts, mounts, limitPlan);
    }

    private LandlockPlan domain(MountPlan mounts) {
        return sharing().tracing()
                ? LandlockPlan.NONE
                : LandlockPlanner.underMounts(spec, mounts, facts.landlock());
    }
}
