package io.cloister.sandbox;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.Privileges;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Whether a policy can be kept without namespaces. Messages name the calls of [Sandbox.Builder]
/// that exclude each other.
final class ConfinedChecks {

    private final String call;

    ConfinedChecks(Isolation isolation) {
        call = isolation == Isolation.CONFINED ? "confined()" : "confinedIfNeeded()";
    }

    void namespaces(Set<Namespace> fresh) {
        for (Namespace kept :
                List.of(Namespace.MOUNT, Namespace.PID, Namespace.NET, Namespace.IPC)) {
            String name = kept.label();
            refuse(
                    !fresh.contains(kept),
                    "host" + Character.toUpperCase(name.charAt(0)) + name.substring(1) + "()");
        }
    }

    void others(
            Identity identity,
            Optional<String> hostName,
            Optional<String> domainName,
            Map<SandboxClock, Duration> clockOffsets,
            Privileges privileges,
            NetworkPolicy network) {
        refuse(
                !identity.equals(Identity.standard()),
                "user(...), groups(...), mapUids(...) or mapGids(...)");
        refuse(
                hostName.filter(n -> !n.equals(SandboxSpec.DEFAULT_HOST_NAME)).isPresent(),
                "hostName(...)");
        refuse(domainName.isPresent(), "domainName(...)");
        refuse(!clockOffsets.isEmpty(), "clockOffset(...)");
        refuse(!privileges.capabilities().isEmpty(), "a capability");
        refuse(
                opens(network.tcpBind()) || opens(network.tcpConnect()),
                "allowTcpBind(...) or allowTcpConnect(...)");
    }

    private static boolean opens(Optional<Set<Integer>> ports) {
        return ports.filter(open -> !open.isEmpty()).isPresent();
    }

    void files(FilesystemPolicy filesystem) {
        FilesystemPolicy standard = FilesystemPolicy.standard();
        refuse(
                !filesystem.root().equals(standard.root()),
                "root(...), writableRoot(...) or emptyRoot()");
        refuse(
                !filesystem.proc().equals(standard.proc()),
                "proc(...), hideProc(...) or readOnlyProc(...)");
        refuse(
                !filesystem.scratchSize().equals(standard.scratchSize())
                        || filesystem.scratchInodes() != standard.scratchInodes(),
                "scratchSize(...) or scratchInodes(...), which it does not limit,");
        filesystem.mounts().forEach(this::mount);
    }

    private void mount(Mount mount) {
        if (!(mount instanceof Bind bind)) {
            refuse(true, "a tmpfs, file, directory or link (" + mount.destination() + ")");
            return;
        }
        boolean samePlace =
                bind.source() instanceof BindSource.HostPath(var path)
                        && path.toString().equals(bind.destination());
        if (!samePlace) {
            throw new IllegalArgumentException(
                    "%s shows the host's own paths: %s must be shown at the same path, was %s"
                            .formatted(call, bind.source(), bind.destination()));
        }
        refuse(!bind.followSymlinks(), "nosymfollow() (" + bind.destination() + ")");
    }

    private void refuse(boolean condition, String other) {
        if (condition) {
            throw new IllegalArgumentException(other + " and " + call + " exclude each other");
        }
    }
}
