package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupReading;
import io.cloister.sandbox.linux.limit.Metric;

/// What the control group of a run told at its end.
///
/// @param limits what the group was told
/// @param reading what was counted, and what happened
/// @param memoryFile the file that tells of processes killed for want of memory
/// @param foreignNanos how much of the processor time was not the program's: the set-up's, and its
///   launcher's where both are in the group
public record GroupEnd(
        CgroupLimits limits, CgroupReading reading, String memoryFile, long foreignNanos) {

    /// Whether the kernel killed a process because the group was at its limit on memory. It counts
    /// the killed also where the host, or a group above, was out of memory.
    public boolean ranOutOfMemory() {
        return limits.memoryMax().isPresent()
                && (count(Metric.OOM_KILLS) > 0 || count(Metric.OOM_GROUP_KILLS) > 0)
                && reading.get(Metric.MEMORY_MAX_HITS).map(hits -> hits > 0).orElse(true);
    }

    /// Whether a process or thread was refused because the group was at its limit. Some kernels
    /// count it here also where a group above was at its.
    public boolean ranOutOfPids() {
        return limits.pidsMax().isPresent()
                && count(Metric.PIDS_MAX_HITS) > 0
                && reading.get(Metric.PIDS_PEAK)
                        .map(peak -> peak >= limits.pidsMax().get())
                        .orElse(true);
    }

    /// How often it happened; 0 where that is not counted.
    public long count(Metric event) {
        return reading.get(event).orElse(0L);
    }
}
