package io.cloister.sandbox.linux.plan;

/// A way in which processors run ahead of themselves, as `PR_SET_SPECULATION_CTRL` names it
/// (linux/prctl.h, Documentation/userspace-api/spec_ctrl.rst).
public enum SpeculationKind {
    /// Loads that pass stores to unknown addresses.
    STORE_BYPASS("speculativeStoreBypass", 0, SpeculationKind.FORCE_DISABLE),
    /// Guesses at the targets of indirect branches.
    INDIRECT_BRANCH("indirectBranchSpeculation", 1, SpeculationKind.FORCE_DISABLE),
    /// No guess, but its remedy: the data cache is flushed when another program's turn comes. So
    /// here *enable* is what protects. Since Linux 5.15.
    CACHE_FLUSH("dataCacheFlush", 2, SpeculationKind.ENABLE);

    private static final int PRCTL = 1;
    private static final int ENABLE = 1 << 1;
    private static final int DISABLE = 1 << 2;
    private static final int FORCE_DISABLE = 1 << 3;

    private final String label;
    private final int number;
    private final int protection;

    SpeculationKind(String label, int number, int protection) {
        this.label = label;
        this.number = number;
        this.protection = protection;
    }

    /// What a host makes of one kind.
    public enum State {
        /// A process can be protected.
        CONTROLLED,
        /// The processor does not do this.
        NOT_AFFECTED,
        /// The kernel protects every process.
        ALWAYS_PROTECTED,
        /// The processor does this, and the kernel has no means against it, or was told to use
        /// none.
        NO_CONTROL,
        /// A core runs two threads, and the kernel ends protected processes there by SIGBUS.
        SHARED_CORES,
        /// The kernel does not know this kind, or not on this CPU.
        UNKNOWN
    }

    /// What the kernel's answer to `PR_GET_SPECULATION_CTRL` means.
    ///
    /// @param answer the bits, or a negated error number
    /// @param sharedCores whether a core may run two threads at once
    public State state(long answer, boolean sharedCores) {
        if (answer < 0) {
            return State.UNKNOWN;
        }
        if (answer == 0) {
            return State.NOT_AFFECTED;
        }
        if ((answer & PRCTL) != 0) {
            return this == CACHE_FLUSH && sharedCores ? State.SHARED_CORES : State.CONTROLLED;
        }
        boolean stopped = (answer & (DISABLE | FORCE_DISABLE)) != 0;
        return stopped && this != CACHE_FLUSH ? State.ALWAYS_PROTECTED : State.NO_CONTROL;
    }

    /// The name in the list of what was enforced.
    public String label() {
        return label;
    }

    /// The kernel's number.
    public int number() {
        return number;
    }

    /// What protects, and cannot be taken back where the kind allows that: `PR_SPEC_*`.
    public int protection() {
        return protection;
    }
}
