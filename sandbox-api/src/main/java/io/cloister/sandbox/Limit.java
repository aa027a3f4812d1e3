package io.cloister.sandbox;

/// A limit whose reaching ended a run; see [Outcome.LimitReached].
public enum Limit {
    /// The processor time of the command.
    CPU_TIME,
    /// The time since the start of the command.
    WALL_TIME,
    /// The memory of all processes of the run together.
    MEMORY,
    /// The number of processes and threads at one time.
    PIDS,
    /// The bytes written to standard output or to standard error.
    OUTPUT,
    /// The bytes or files written to a file system of the sandbox.
    DISK,
    /// The time without a sign of life.
    IDLE
}
