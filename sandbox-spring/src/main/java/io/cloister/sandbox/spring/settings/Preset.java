package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.SyscallPolicy;

/// From what a profile starts.
public enum Preset {
    /// [SandboxSpec#strict()].
    STRICT(SyscallPolicy.standard()),
    /// The strict policy with the system calls of submissions to an online judge,
    /// [SyscallPolicy#judge()].
    JUDGE(SyscallPolicy.judge()),
    /// The strict policy with the system calls of services that live long,
    /// [SyscallPolicy#plugin()].
    PLUGIN(SyscallPolicy.plugin()),
    /// The strict policy with the system calls of builds and their tools, [SyscallPolicy#build()].
    BUILD(SyscallPolicy.build());

    private final SyscallPolicy syscalls;

    Preset(SyscallPolicy syscalls) {
        this.syscalls = syscalls;
    }

    SyscallPolicy syscalls() {
        return syscalls;
    }
}
