package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;

import java.util.List;

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

    /// One of its own.
    OWN;

    private static final List<Syscall> CALLS =
            List.of(Syscall.ADD_KEY, Syscall.REQUEST_KEY, Syscall.KEYCTL);

    static Keyring of(SandboxSpec spec, HostFacts facts) {
        if (!facts.keyrings()) {
            return NONE;
        }
        return CALLS.stream().allMatch(call -> isClosed(spec, call)) ? LAUNCHERS : OWN;
    }

    /// Whether no command can make this call, whatever its arguments.
    static boolean isClosed(SandboxSpec spec, Syscall call) {
        SyscallAction action = spec.syscalls().decide(call);
        return action instanceof SyscallAction.Fail || action instanceof SyscallAction.Kill;
    }
}
