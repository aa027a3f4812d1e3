package io.cloister.sandbox.syscall;

/// Options for the installation of a filter. Source: seccomp(2).
public enum FilterFlag {
    /// The kernel's audit log tells of every answer but [SyscallAction#ALLOW], where the host wants
    /// that. `SECCOMP_FILTER_FLAG_LOG`, since Linux 4.14.
    LOG("SECCOMP_FILTER_FLAG_LOG"),
    /// The mitigation of speculative store bypass, which kernels before 5.16 switch on with a
    /// filter, stays off. `SECCOMP_FILTER_FLAG_SPEC_ALLOW`, since Linux 4.17.
    SPEC_ALLOW("SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
    /// Only a signal that kills interrupts a thread whose call the JVM has begun to answer.
    /// `SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV`, since Linux 5.19.
    WAIT_KILLABLE_RECV("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
    /// All threads of the process get the filter. Of no effect here: the process that becomes the
    /// command has one thread. `SECCOMP_FILTER_FLAG_TSYNC`, since Linux 3.17.
    TSYNC("SECCOMP_FILTER_FLAG_TSYNC");

    private final String label;

    FilterFlag(String label) {
        this.label = label;
    }

    /// {@return the kernel's name}
    public String label() {
        return label;
    }
}
