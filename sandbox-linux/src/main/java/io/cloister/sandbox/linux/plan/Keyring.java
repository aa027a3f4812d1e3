package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import java.util.List;
import java.util.Optional;

/// Which session keyring a command has instead of the JVM user's: see session-keyring(7).
///
/// A keyring of its own counts against the quota of its user, and is freed some time after its last
/// process is gone; with many launches a second the quota is used up. So there is one only where
/// the command could do something with it.
public enum Keyring {
    /// The kernel has no keyrings.
    NONE,

    /// An empty one that the launcher has joined, where it could; calls for keys are closed.
    LAUNCHERS,

    /// One of its own; commands of a session have that of the session.
    OWN;

    private static final List<Syscall> CALLS =
            List.of(Syscall.ADD_KEY, Syscall.REQUEST_KEY, Syscall.KEYCTL);

    static Keyring of(SandboxSpec spec, HostFacts facts) {
        if (!facts.keyrings()) {
            return NONE;
        }
        return open(spec.syscalls()).isEmpty() ? LAUNCHERS : OWN;
    }

    /// A call for keys that a command can make, if there is one.
    static Optional<Syscall> open(SyscallPolicy policy) {
        return CALLS.stream().filter(call -> !isClosed(policy, call)).findFirst();
    }

    /// Whatever its arguments.
    private static boolean isClosed(SyscallPolicy policy, Syscall call) {
        return policy.of(call).stream()
                .allMatch(rule ->
                        switch (rule.action()) {
                            case SyscallAction.Fail _, SyscallAction.Kill _, SyscallAction.Trap _ ->
                                    true;
                            case SyscallAction.Allow _,
                                    SyscallAction.Log _,
                                    SyscallAction.Notify _ ->
                                    false;
                        });
    }
}
