package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;

import java.util.EnumSet;
import java.util.List;
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

    /// What they make stays with the user, whom the next commands have too.
    private static final List<Syscall> STAY = List.of(Syscall.ADD_KEY, Syscall.KEYCTL);

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
        return STAY.stream()
                .filter(call -> !isClosed(spec.syscalls().decide(call)))
                .findFirst()
                .map(call -> "the policy lets commands make keys (" + call.label() + ")");
    }

    private static boolean isClosed(SyscallAction action) {
        return action instanceof SyscallAction.Fail || action instanceof SyscallAction.Kill;
    }
}
