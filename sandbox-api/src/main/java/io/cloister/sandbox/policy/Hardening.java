package io.cloister.sandbox.policy;

/// A protection that costs something, and so has to be asked for.
///
/// Each holds for the command and for every process that comes of it, and none can be taken back
/// from inside, but for the flush of the cache that is a part of [#MITIGATE_SPECULATION]: for that
/// the kernel has no lock. What is asked for is enforced or refused, but for
/// [#MITIGATE_SPECULATION], which is what the processor makes of it;
/// [io.cloister.sandbox.SandboxResult#enforced()] tells.
public enum Hardening {
    /// Memory is never writable and executable, and what was not executable when it was mapped
    /// never becomes so: `mmap` and `mprotect` fail with `EACCES`.
    ///
    /// Programs that compile at run time (the JVM, Node, .NET, LuaJIT) do not run, and neither does
    /// one whose libraries ask for an executable stack. `PR_SET_MDWE`, since Linux 6.3.
    DENY_WRITE_EXECUTE("denyWriteExecute"),
    /// The processor does not guess past stores and indirect branches while the program runs, so
    /// that it is harder to spy on by timing, from inside a process too. Costs a few percent of its
    /// speed, more for programs with many indirect calls.
    ///
    /// As far as the processor and the kernel give control: a kind of guess that the processor does
    /// not make needs none; where there is no control, the list of what was enforced says so, kind
    /// by kind, and the program runs. Where the kernel was told to (`l1d_flush=on`) and no core
    /// runs two threads, the first-level data cache is flushed when another program's turn comes,
    /// unless this one has switched that off for itself. `PR_SET_SPECULATION_CTRL`, since Linux
    /// 4.17; Documentation/userspace-api/spec_ctrl.rst.
    MITIGATE_SPECULATION("mitigateSpeculation"),
    /// No other program shares a core with this one at the same time: its processes are scheduled
    /// beside each other only, and else a thread of the core stays idle. So caches and units of the
    /// core tell nothing while it runs. Costs throughput of the whole host.
    ///
    /// `PR_SCHED_CORE`, since Linux 5.14, on processors with several threads a core; refused on
    /// others, where a virtual machine may hide them.
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
