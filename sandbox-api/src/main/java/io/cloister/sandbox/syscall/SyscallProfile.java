package io.cloister.sandbox.syscall;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/// Policies for kinds of programs, from which to start.
///
/// What each of them opens and closes, and why, stands in `docs/profiles.md` of the project. What
/// reaches past the sandbox is closed in all of them but [#UNFILTERED].
public enum SyscallProfile {
    /// All calls that programs live on are open, and a list of calls is closed that reach past the
    /// sandbox, or that are new ground in the kernel and old ground for exploits. Ordinary programs
    /// and language runtimes do not notice it. The default.
    STANDARD(
            "standard",
            "any program: what is known to reach past the sandbox is closed",
            () -> Standard.POLICY),
    /// Submissions to an online judge: programs compiled from C, C++ or Go, the interpreters
    /// python3, node, java, perl, ruby, bash and busybox, and the compilers gcc, g++, javac and go.
    /// Closed is what they do not need: sockets beyond the sandbox's own `AF_UNIX`, keyed shared
    /// memory, watching files. A call that only an attack makes, such as `mount`, `ptrace` or
    /// `bpf`, ends the run with [io.cloister.sandbox.Outcome.PolicyViolated].
    JUDGE(
            "judge",
            "submissions to an online judge, and their compilers: a call that only an attack makes"
                    + " ends the run",
            () -> Judge.POLICY),
    /// Services that live long, on the JVM, Node, Python, Go or .NET: with sockets of the sandbox's
    /// own network, events, threads, timers, and files that are watched.
    PLUGIN(
            "plugin",
            "long-lived services on a language runtime: sockets, events, threads, timers",
            () -> Plugin.POLICY),
    /// Builds: make, compilers, maven, npm, git, tar and what they start; with owners of files,
    /// shared memory by key, and sockets. Without debuggers and tracers.
    BUILD(
            "build",
            "builds and their tools: make, compilers, package managers, git, tar",
            () -> Build.POLICY),
    /// No filter at all.
    UNFILTERED(
            "unfiltered",
            "no filter at all",
            () -> SyscallPolicy.of(SyscallAction.ALLOW).unknown(SyscallAction.ALLOW));

    // Each is made when it is asked for, and once.

    private static final class Standard {
        static final SyscallPolicy POLICY =
                SyscallPolicy.of(SyscallAction.ALLOW).first(CommonRules.rules());
    }

    private static final class Judge {
        static final SyscallPolicy POLICY = AllowLists.judge();
    }

    private static final class Plugin {
        static final SyscallPolicy POLICY = AllowLists.plugin();
    }

    private static final class Build {
        static final SyscallPolicy POLICY = AllowLists.build();
    }

    private final String label;
    private final String purpose;
    private final Supplier<SyscallPolicy> policy;

    SyscallProfile(String label, String purpose, Supplier<SyscallPolicy> policy) {
        this.label = label;
        this.purpose = purpose;
        this.policy = policy;
    }

    /// {@return the name in JSON and on the command line, for example `standard`}
    public String label() {
        return label;
    }

    /// {@return what it is for, for people: a phrase}
    public String purpose() {
        return purpose;
    }

    /// {@return the policy}
    public SyscallPolicy policy() {
        return policy.get();
    }

    /// {@return the profile of this name; empty if there is none}
    ///
    /// @param label the name, for example `judge`
    public static Optional<SyscallProfile> named(String label) {
        return Arrays.stream(values()).filter(profile -> profile.label.equals(label)).findFirst();
    }
}
