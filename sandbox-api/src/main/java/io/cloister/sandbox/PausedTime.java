package io.cloister.sandbox;

/// Whether wall time passes for who is paused; see [SandboxProcess#pause(PausedTime)].
public enum PausedTime {
    /// It stands still: neither limit nor usage count the pause.
    STANDS_STILL,

    /// It passes: a paused run ends when its wall time is used up.
    PASSES
}
