package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Identity;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which namespaces of a session the sandboxes of a policy enter.
///
/// @param namespaces those
/// @param tracing whether they enter its user namespace too
/// @param hostName the name of the session, where that is joined
/// @param identity who its commands are
/// @param ids the inode numbers of its namespaces
public record Sharing(
        Set<Namespace> namespaces,
        boolean tracing,
        Optional<String> hostName,
        Identity identity,
        Map<Namespace, Long> ids) {

    /// Nothing is joined.
    public static final Sharing NONE =
            new Sharing(Set.of(), false, Optional.empty(), Identity.standard(), Map.of());

    /// Copies.
    public Sharing {
        Set<Namespace> copy = EnumSet.noneOf(Namespace.class);
        copy.addAll(namespaces);
        namespaces = Collections.unmodifiableSet(copy);
        ids = Map.copyOf(ids);
    }

    /// What a policy joins of a session.
    ///
    /// @param wanted the namespaces
    /// @param session the policy of the session
    /// @param name its host name
    /// @param own its namespaces that are not the host's
    /// @param ids the inode numbers of its namespaces
    /// @throws IllegalArgumentException if what is wanted is the host's there
    public static Sharing of(
            Set<Namespace> wanted,
            boolean tracing,
            SandboxSpec session,
            Optional<String> name,
            Set<Namespace> own,
            Map<Namespace, Long> ids) {
        Set<Namespace> all = EnumSet.copyOf(wanted);
        if (tracing) {
            all.add(Namespace.USER);
        }
        all.removeAll(own);
        if (!all.isEmpty()) {
            String label = all.iterator().next().label();
            String call = "host" + Character.toUpperCase(label.charAt(0)) + label.substring(1);
            throw new IllegalArgumentException(
                    "%s(...) was given a session that has %s(): its %s namespace is the host's; open"
                                    .formatted(call.replace("host", "join"), call, label)
                            + " that session without it, or call %s() here too".formatted(call));
        }
        if (tracing && !session.identity().uidMap().isEmpty()) {
            throw new IllegalArgumentException(
                    "mayTrace() needs a session of one user; leave mapUids(...) and mapGids(...)"
                            + " out of the policy of the session that joinPid(...) was given");
        }
        return new Sharing(
                wanted,
                tracing,
                wanted.contains(Namespace.UTS) ? name : Optional.empty(),
                session.identity(),
                ids);
    }

    /// Whether anything is joined.
    public boolean isAny() {
        return !namespaces.isEmpty();
    }

    /// The policy by which a launch is planned: what is joined is not new in it. The names are the
    /// session's, and for tracing the users.
    public SandboxSpec applied(SandboxSpec spec) {
        if (!isAny()) {
            return spec;
        }
        Set<Namespace> fresh = EnumSet.copyOf(spec.newNamespaces());
        fresh.removeAll(namespaces);
        boolean names = namespaces.contains(Namespace.UTS);
        return new SandboxSpec(
                fresh,
                spec.filesystem(),
                tracing ? identity : spec.identity(),
                names ? Optional.empty() : spec.hostName(),
                names ? Optional.empty() : spec.domainName(),
                spec.clockOffsets(),
                spec.umask(),
                spec.environment(),
                spec.workDirectory(),
                spec.limits(),
                spec.syscalls(),
                spec.privileges(),
                spec.network(),
                spec.isolation());
    }

    /// The plan of a launch that begins in the session's user namespace, if it is to.
    LaunchPlan entered(LaunchPlan plan) {
        return tracing ? plan.entered() : plan;
    }

    /// What holds, with what is joined.
    public List<Enforcement> told(List<Enforcement> list) {
        List<Enforcement> told = new ArrayList<>(list);
        told.replaceAll(e -> {
            for (Namespace namespace : Namespace.values()) {
                boolean user = tracing && namespace == Namespace.USER;
                if (e.item().equals(namespace.label())
                        && (user || namespaces.contains(namespace))) {
                    String means = "namespace %d of a session".formatted(ids.get(namespace));
                    return new Enforcement(e.item(), "joined", means);
                }
            }
            return e;
        });
        return told;
    }
}
