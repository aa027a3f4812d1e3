package io.cloister.sandbox;

import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.spi.Joined;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The namespaces of a session that a sandbox enters, as a [Sandbox.Builder] collects them.
final class Joins {

    private static final Syscall[] TRACING = {
        Syscall.PTRACE, Syscall.PROCESS_VM_READV, Syscall.PROCESS_VM_WRITEV
    };

    /// What the members of a pod have in common.
    private static final Set<Namespace> POD =
            EnumSet.of(Namespace.NET, Namespace.IPC, Namespace.UTS);

    private final Map<Namespace, SandboxSession> sessions = new EnumMap<>(Namespace.class);
    private boolean tracing;

    /// Whether the session holds a [Pod], so that nobody has named it.
    private boolean pod;

    Joins copy() {
        Joins copy = new Joins();
        copy.sessions.putAll(sessions);
        copy.tracing = tracing;
        copy.pod = pod;
        return copy;
    }

    void join(Namespace namespace, SandboxSession session) {
        Objects.requireNonNull(session, "other");
        if (session.backend() instanceof LeasedBackend) {
            throw new IllegalArgumentException(
                    call(namespace)
                            + " was given the session of a lease, which the pool resets for others;"
                            + " join a session of your own, of Sandbox.open()");
        }
        for (Map.Entry<Namespace, SandboxSession> other : sessions.entrySet()) {
            if (other.getKey() != namespace && other.getValue() != session) {
                throw new IllegalArgumentException(
                        pod
                                ? "%s: a member of a pod joins what the pod shares, and no other"
                                                .formatted(call(namespace))
                                        + " session; leave it out, or take a sandbox that is no"
                                        + " member"
                                : "%s and %s were given different sessions; a sandbox joins one,"
                                                .formatted(call(other.getKey()), call(namespace))
                                        + " so give both the same");
            }
        }
        sessions.put(namespace, session);
    }

    /// Joins what a pod shares.
    void joinPod(SandboxSession session) {
        for (Namespace namespace : sessions.keySet()) {
            if (sessions.get(namespace) != session) {
                if (pod && POD.contains(namespace)) {
                    throw new IllegalArgumentException(
                            "Pod.sandbox(...): this builder belongs to another pod; use a new one");
                }
                throw new IllegalArgumentException(
                        call(namespace)
                                + ": a member of a pod joins what the pod shares, and no other"
                                + " session; leave it out, or take a sandbox that is no member");
            }
        }
        pod = true;
        POD.forEach(namespace -> join(namespace, session));
    }

    void leave(Namespace namespace) {
        sessions.remove(namespace);
    }

    void trace() {
        tracing = true;
    }

    /// What the provider is told; empty if nothing is joined.
    ///
    /// @throws IllegalStateException if the session has ended
    Optional<Joined> joined() {
        if (sessions.values().stream().anyMatch(session -> !session.isOpen())) {
            throw new IllegalStateException(ended());
        }
        return sessions.values().stream()
                .findFirst()
                .map(session -> new Joined(session.backend(), sessions.keySet(), tracing));
    }

    private String ended() {
        if (pod) {
            return "the pod that this sandbox is a member of has ended; make the sandbox a member"
                    + " of an open one by Pod.sandbox(...)";
        }
        String calls =
                sessions.keySet().stream().map(Joins::call).collect(Collectors.joining(" and "));
        return "the session that was given to %s has ended; onEnd() of that session tells why."
                        .formatted(calls)
                + " Open another one and give that";
    }

    /// Adds to a draft what tracing takes.
    ///
    /// @throws IllegalArgumentException if something else excludes it
    void apply(SpecDraft draft) {
        if (tracing && !sessions.containsKey(Namespace.PID)) {
            throw new IllegalArgumentException(
                    "mayTrace() needs joinPid(...): there is nobody else to trace");
        }
        for (Namespace namespace : sessions.keySet()) {
            check(namespace, draft);
        }
        if (tracing) {
            checkTracing(draft);
            draft.privileges = draft.privileges.keeping(Capability.SYS_PTRACE);
        }
    }

    /// System calls with those open that tracing takes.
    SyscallPolicy open(SyscallPolicy calls) {
        SyscallPolicy open = calls;
        for (Syscall call : TRACING) {
            if (tracing && !(open.decide(call) instanceof SyscallAction.Allow)) {
                open = open.allow(call);
            }
        }
        return open;
    }

    private void check(Namespace namespace, SpecDraft draft) {
        String call =
                pod && POD.contains(namespace)
                        ? "Pod.sandbox(...), which joins the %s namespace of the pod,"
                                .formatted(namespace.label())
                        : call(namespace);
        refuse(!draft.namespaces.contains(namespace), call, "host" + name(namespace) + "()");
        refuse(!draft.namespaces.contains(Namespace.USER), call, "hostUser()");
        refuse(!draft.namespaces.contains(Namespace.MOUNT), call, "hostMount()");
        refuse(draft.isolation == Isolation.CONFINED, call, "confined()");
        refuse(draft.isolation == Isolation.NAMESPACES_OR_CONFINED, call, "confinedIfNeeded()");
        if (namespace == Namespace.UTS) {
            refuse(draft.hostName != null, call, "hostName(...)");
            refuse(draft.domainName != null, call, "domainName(...)");
        }
        if (namespace == Namespace.PID) {
            refuse(
                    draft.filesystem.proc().view() == ProcFilesystem.View.PROCESSES_ONLY,
                    call,
                    "proc(PROCESSES_ONLY)");
        }
    }

    /// What belongs to the session's user namespace then, and what nobody in a domain of Landlock
    /// could do.
    private static void checkTracing(SpecDraft draft) {
        String call = "mayTrace()";
        refuse(
                draft.uid != Identity.DEFAULT_ID
                        || draft.gid != Identity.DEFAULT_ID
                        || !draft.groups.isEmpty()
                        || !draft.uidMap.isEmpty()
                        || !draft.gidMap.isEmpty(),
                call,
                "user(...), groups(...), mapUids(...) or mapGids(...): it has the users of the"
                        + " session");
        refuse(!draft.clockOffsets.isEmpty(), call, "clockOffset(...)");
        refuse(
                !draft.network.equals(NetworkPolicy.allPorts()),
                call,
                "allowTcpBind(...), allowTcpConnect(...) and the like: who is in a domain of"
                        + " Landlock may trace nobody outside of it");
    }

    private static void refuse(boolean condition, String call, String excluding) {
        if (condition) {
            throw new IllegalArgumentException(
                    call + " excludes " + excluding + "; leave one of the two out");
        }
    }

    private static String call(Namespace namespace) {
        return "join" + name(namespace) + "(...)";
    }

    private static String name(Namespace namespace) {
        String label = namespace.label();
        return label.substring(0, 1).toUpperCase(Locale.ROOT) + label.substring(1);
    }
}
