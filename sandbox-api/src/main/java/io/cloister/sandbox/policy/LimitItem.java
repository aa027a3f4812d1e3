package io.cloister.sandbox.policy;

/// A limit that a host may be unable to enforce, so that it can be marked as best effort.
///
/// A limit that is asked for is required: where the host cannot enforce it the launch fails. One
/// that is marked by [ResourceLimits#bestEffort(LimitItem...)] is enforced as far as the host can.
/// Limits that hold on every host (wall time, output, per-process limits) are not among them.
public enum LimitItem {
    /// [ResourceLimits#memory()].
    MEMORY("memory"),
    /// [ResourceLimits#memoryHigh()].
    MEMORY_HIGH("memoryHigh"),
    /// [ResourceLimits#swap()].
    SWAP("swap"),
    /// [ResourceLimits#pids()].
    PIDS("pids"),
    /// [ResourceLimits#cpus()].
    CPUS("cpus"),
    /// [ResourceLimits#cpuBurst()].
    CPU_BURST("cpuBurst"),
    /// [ResourceLimits#cpuWeight()].
    CPU_WEIGHT("cpuWeight"),
    /// [ResourceLimits#cpuset()].
    CPUSET("cpuset"),
    /// [ResourceLimits#memoryNodes()].
    MEMORY_NODES("memoryNodes"),
    /// [ResourceLimits#io()].
    IO("io"),
    /// [ResourceLimits#ioWeight()].
    IO_WEIGHT("ioWeight"),
    /// [ResourceLimits#hugePages()].
    HUGE_PAGES("hugePages"),
    /// [ResourceLimits#cpuTime()].
    CPU_TIME("cpuTime"),
    /// [ResourceLimits#idleTime()].
    IDLE_TIME("idleTime");

    private final String label;

    LimitItem(String label) {
        this.label = label;
    }

    /// {@return the name as in JSON: `memoryHigh`}
    public String label() {
        return label;
    }
}
