package io.cloister.sandbox.syscall.oci;

/// What a profile says happens to a call. Source: seccomp_rule_add(3).
public enum SeccompAction {
    /// The same as [#KILL_THREAD].
    KILL,
    /// The thread that made the call ends; the rest of its process goes on.
    KILL_THREAD,
    /// The process ends.
    KILL_PROCESS,
    /// The thread gets `SIGSYS`.
    TRAP,
    /// The call fails, with `EPERM` unless an entry says otherwise.
    ERRNO,
    /// A ptrace(2) tracer is told; without one the call fails with `ENOSYS`.
    TRACE,
    /// The call is made.
    ALLOW,
    /// The call is made, and the audit log tells of it.
    LOG,
    /// A supervisor in user space answers.
    NOTIFY;

    /// {@return the name in JSON, for example `SCMP_ACT_ERRNO`}
    public String label() {
        return "SCMP_ACT_" + name();
    }
}
