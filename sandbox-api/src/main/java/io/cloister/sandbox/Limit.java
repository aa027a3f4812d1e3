package io.cloister.sandbox;

/// A limit whose reaching ended a run; see [Outcome.LimitReached].
public enum Limit {
    /// The processor time of all processes of the run together.
    CPU_TIME,
    /// The time since the request of the run.
    WALL_TIME,
    /// The memory of all processes of the run together.
    MEMORY,
    /// The number of processes and threads at one time.
    PIDS,
    /// The bytes written to standard output, or to standard error.
    OUTPUT,
    /// The bytes or files written to a file system of the sandbox. A program under a limit on the
    /// size of files can bring it about by sending itself `SIGXFSZ`.
    DISK,
    /// The time without output and without use of a processor.
    IDLE
}
