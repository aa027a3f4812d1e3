package io.cloister.sandbox.linux.limit;

/// What the kernel counts of a run. Times are in nanoseconds, sizes in bytes.
public enum Metric {
    /// CPU time of all processes, living and dead.
    CPU_NANOS,
    CPU_USER_NANOS,
    CPU_SYSTEM_NANOS,
    MEMORY_CURRENT,
    /// The most memory at one time.
    MEMORY_PEAK,
    MEMORY_ANONYMOUS,
    /// Page cache, with tmpfs and shared memory.
    MEMORY_FILE,
    MEMORY_KERNEL,
    /// The part of [#MEMORY_FILE] that is tmpfs and shared memory.
    MEMORY_SHARED,
    MEMORY_SWAP,
    /// Page faults of all kinds.
    PAGE_FAULTS,
    /// Page faults that had to wait for a disk.
    MAJOR_PAGE_FAULTS,
    /// Processes and threads.
    PIDS_CURRENT,
    PIDS_PEAK,
    OOM_KILLS,
    OOM_GROUP_KILLS,
    MEMORY_MAX_HITS,
    PIDS_MAX_HITS,
    IO_READ_BYTES,
    IO_WRITTEN_BYTES,
    IO_READ_OPERATIONS,
    IO_WRITE_OPERATIONS,
    CPU_PERIODS,
    CPU_THROTTLED_PERIODS,
    CPU_THROTTLED_NANOS,
    PRESSURE_CPU_SOME_NANOS,
    PRESSURE_CPU_FULL_NANOS,
    PRESSURE_MEMORY_SOME_NANOS,
    PRESSURE_MEMORY_FULL_NANOS,
    PRESSURE_IO_SOME_NANOS,
    PRESSURE_IO_FULL_NANOS
}
