package io.cloister.sandbox;

/// To whom a signal is sent. It never reaches a process outside the run.
public enum SignalScope {

    /// The command's own process.
    PROCESS,

    /// The process group that the command leads, itself among them: what it started, but for what
    /// has made a group or a session of its own, such as the jobs of an interactive shell.
    GROUP,

    /// The command and all that it started, wherever that went.
    TREE
}
