package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.host.HostInspector;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Enforced;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.LaunchPlanner;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.util.LinkedHashMap;
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

    private final SandboxSpec spec;
    private final HostFacts facts;
    private final UserMap users;
    private final List<Enforcement> enforced;
    private final Map<SetUpKey, SyscallProgram> setUps =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<SetUpKey, SyscallProgram> eldest) {
                    return size() > SET_UPS;
                }
            };
    private volatile Optional<Planned> last = Optional.empty();

    /// The latest plan, and for which sources it holds.
    private record Planned(Optional<Source> root, Map<Mount, Source> sources, LaunchPlan plan) {}

    /// @throws io.cloister.sandbox.SandboxUnavailableException if the host cannot enforce it
    Policy(SandboxSpec spec, HostFacts facts) {
        LaunchPlanner.admit(spec, facts);
        this.spec = spec;
        this.facts = withProc(facts, spec.filesystem().proc());
        users = LaunchPlanner.users(spec, facts);
        enforced = Enforced.of(spec, facts);
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
    /// it is planned anew only when it differs.
    record SetUpKey(
            LaunchPlan plan, List<Integer> descriptors, Ahead ahead, int uid, int gid, int base) {
        @Override
        public boolean equals(Object other) {
            return other instanceof SetUpKey key
                    && plan == key.plan
                    && descriptors.equals(key.descriptors)
                    && ahead == key.ahead
                    && uid == key.uid
                    && gid == key.gid
                    && base == key.base;
        }

        @Override
        public int hashCode() {
            return Objects.hash(System.identityHashCode(plan), descriptors, ahead, uid, base);
        }
    }

    /// The set-up for `key`, compiled when it is not among the latest ones.
    SyscallProgram setUp(SetUpKey key, Supplier<SyscallProgram> compiler) {
        synchronized (setUps) {
            return setUps.computeIfAbsent(key, _ -> compiler.get());
        }
    }

    SandboxSpec spec() {
        return spec;
    }

    UserMap users() {
        return users;
    }

    boolean fileSizeLimited() {
        RlimitValue limit = spec.limits().rlimits().get(Rlimit.FSIZE);
        return limit != null && limit.soft() >= 0;
    }

    List<Enforcement> enforced() {
        return enforced;
    }

    /// The plan; made anew only when a source has changed.
    LaunchPlan plan(BindSources binds) {
        Optional<Planned> known = last;
        if (known.isPresent()
                && known.get().root.equals(binds.root())
                && known.get().sources.equals(binds.sources())) {
            return known.get().plan;
        }
        MountPlan mounts = LaunchPlanner.mounts(spec, facts, binds.root(), binds.sources());
        LaunchPlan plan = LaunchPlanner.plan(spec, facts, mounts);
        last = Optional.of(new Planned(binds.root(), Map.copyOf(binds.sources()), plan));
        return plan;
    }
}
