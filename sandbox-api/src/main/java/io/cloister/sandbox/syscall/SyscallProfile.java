package io.cloister.sandbox.syscall;

import java.util.function.Supplier;

/// Policies for kinds of programs, from which to start.
public enum SyscallProfile {
    /// All calls that programs live on are open, and a list of calls is closed that reach past the
    /// sandbox, or that are new ground in the kernel and old ground for exploits. Ordinary programs
    /// and language runtimes do not notice it. The default.
    STANDARD("standard", StandardProfile::policy),
    /// No filter at all.
    UNFILTERED(
            "unfiltered", () -> SyscallPolicy.of(SyscallAction.ALLOW).unknown(SyscallAction.ALLOW));

    private final String label;
    private final Supplier<SyscallPolicy> policy;

    SyscallProfile(String label, Supplier<SyscallPolicy> policy) {
        this.label = label;
        this.policy = policy;
    }

    /// {@return the name in JSON and on the command line, for example `standard`}
    public String label() {
        return label;
    }

    /// {@return the policy}
    public SyscallPolicy policy() {
        return policy.get();
    }
}
