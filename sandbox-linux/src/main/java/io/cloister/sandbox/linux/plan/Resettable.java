package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.ProcFilesystem;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Whether a sandbox under a policy can be made as new for its next user.
public final class Resettable {

    private static final Set<Namespace> NEEDED =
            EnumSet.of(
                    Namespace.MOUNT,
                    Namespace.PID,
                    Namespace.NET,
                    Namespace.IPC,
                    Namespace.UTS,
                    Namespace.USER);

    private static final String SETTINGS = "/proc/sys";

    private Resettable() {}

    /// Why not; empty if it can.
    public static Optional<String> obstacle(SandboxSpec spec) {
        Set<Namespace> missing = EnumSet.copyOf(NEEDED);
        missing.removeAll(spec.newNamespaces());
        if (!missing.isEmpty()) {
            return Optional.of("the policy shares " + missing + " with others");
        }
        if (!spec.privileges().capabilities().isEmpty()) {
            return Optional.of(
                    "commands keep capabilities, with which they can change more than is looked"
                            + " at");
        }
        if (!isProtected(spec.filesystem().proc())) {
            return Optional.of(
                    "the policy leaves the settings of the sandbox's namespaces writable ("
                            + SETTINGS
                            + ")");
        }
        // What they make stays with the user, whom the next commands have too.
        return Keyring.open(spec.syscalls())
                .map(call -> "the policy lets commands make keys (" + call.label() + ")");
    }

    /// Some settings are writable to user 0 of the namespace, also without a capability - "ctl
    /// permissions" in net/sysctl_net.c and ipc/ipc_sysctl.c of Linux.
    private static boolean isProtected(ProcFilesystem proc) {
        return proc.view() != ProcFilesystem.View.FULL
                || proc.readOnly().contains(SETTINGS)
                || proc.masked().contains(SETTINGS);
    }
}
