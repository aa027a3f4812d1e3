package io.cloister.sandbox;

import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Privileges;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Whether the parts of a policy go together. Messages name the calls of [Sandbox.Builder] that
/// exclude each other.
final class SpecChecks {
    private SpecChecks() {}

    static void namespaces(
            Set<Namespace> fresh,
            FilesystemPolicy filesystem,
            Identity identity,
            Optional<String> hostName,
            Optional<String> domainName,
            Map<SandboxClock, Duration> clockOffsets) {
        if (!fresh.contains(Namespace.MOUNT)) {
            sharedTree(filesystem);
        }
        if (!fresh.contains(Namespace.UTS)) {
            refuse(hostName.isPresent(), "hostName(...)", "hostUts()");
            refuse(domainName.isPresent(), "domainName(...)", "hostUts()");
        } else if (hostName.isEmpty()) {
            throw new IllegalArgumentException(
                    "hostName must be set where the uts namespace is new, was empty");
        }
        if (!fresh.contains(Namespace.TIME)) {
            refuse(!clockOffsets.isEmpty(), "clockOffset(...)", "hostTime()");
        }
        users(fresh.contains(Namespace.USER), identity);
    }

    /// On the host's user namespace a capability would be the host's own.
    static void privileges(Set<Namespace> fresh, Privileges privileges) {
        boolean kept = !privileges.capabilities().isEmpty();
        refuse(kept && !fresh.contains(Namespace.USER), "keepCapabilities(...)", "hostUser()");
    }

    private static void sharedTree(FilesystemPolicy filesystem) {
        FilesystemPolicy standard = FilesystemPolicy.standard();
        refuse(
                !filesystem.root().equals(standard.root()),
                "root(...), writableRoot(...) or emptyRoot()",
                "hostMount()");
        if (!filesystem.mounts().isEmpty()) {
            String first = filesystem.mounts().getFirst().destination();
            refuse(true, "a mount, tmpfs, file or link (" + first + ")", "hostMount()");
        }
        refuse(
                !filesystem.proc().equals(standard.proc()),
                "proc(...), hideProc(...) or readOnlyProc(...)",
                "hostMount()");
        refuse(
                !filesystem.scratchSize().equals(standard.scratchSize()),
                "scratchSize(...)",
                "hostMount()");
        refuse(
                filesystem.scratchInodes() != standard.scratchInodes(),
                "scratchInodes(...)",
                "hostMount()");
    }

    private static void users(boolean fresh, Identity identity) {
        if (!fresh) {
            refuse(!identity.uidMap().isEmpty(), "mapUids(...)", "hostUser()");
            refuse(!identity.gidMap().isEmpty(), "mapGids(...)", "hostUser()");
            // The command runs as a host user that is set aside for it, or as the JVM's own.
            refuse(!identity.equals(Identity.standard()), "user(...) or groups(...)", "hostUser()");
            return;
        }
        if (identity.uidMap().isEmpty() != identity.gidMap().isEmpty()) {
            throw new IllegalArgumentException(
                    "mapUids(...) and mapGids(...) must both be given, or neither");
        }
        if (identity.gidMap().isEmpty() && !identity.groups().isEmpty()) {
            throw new IllegalArgumentException(
                    "groups(...) %s need mapUids(...) and mapGids(...): otherwise %d is the only one"
                            .formatted(identity.groups(), identity.gid()));
        }
    }

    private static void refuse(boolean condition, String call, String excluding) {
        if (condition) {
            throw new IllegalArgumentException(call + " and " + excluding + " exclude each other");
        }
    }
}
