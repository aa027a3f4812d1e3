package io.cloister.sandbox.policy;

/// A protection that costs something, and so has to be asked for.
public enum Hardening {
    /// Memory is never writable and executable, and what was once writable never becomes
    /// executable: `mmap` and `mprotect` fail with `EACCES`. Programs that compile at run time (the
    /// JVM, Node, .NET) do not run. `PR_SET_MDWE`, since Linux 6.3.
    DENY_WRITE_EXECUTE("denyWriteExecute"),
    /// The processor does not guess past stores and indirect branches while the program runs, as
    /// far as it knows how. `PR_SET_SPECULATION_CTRL`, since Linux 4.17.
    MITIGATE_SPECULATION("mitigateSpeculation"),
    /// No other program shares a core with this one at the same time. `PR_SCHED_CORE`, since Linux
    /// 5.14, on processors with several threads a core.
    CORE_SCHEDULING("coreScheduling");

    private final String label;

    Hardening(String label) {
        this.label = label;
    }

    /// {@return the name in JSON and in reports, for example `coreScheduling`}
    public String label() {
        return label;
    }
}
