package io.cloister.sandbox.linux.launch;

/// What a reset does with a sandbox that stays, before it looks whether that is as it was at first.
/// The look relies on none of them.
enum ResetStep {
    /// Everything but the first process is killed.
    END_PROCESSES,

    /// What was put into writable directories in memory is removed.
    REMOVE_FILES,

    /// Those directories get the times that they had: a program can set them, and so leave a word
    /// there.
    RESTORE_TIMES
}
