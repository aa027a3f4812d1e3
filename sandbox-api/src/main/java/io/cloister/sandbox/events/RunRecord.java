package io.cloister.sandbox.events;

import io.cloister.sandbox.SandboxResult;

/// What is recorded of one run, from its request on. Each is told at most once of its start, and
/// once of its end; what comes after that is ignored. Thread-safe.
public interface RunRecord {

    /// The program is executed.
    void started();

    /// The run has ended.
    ///
    /// @param result how, and what it used
    void ended(SandboxResult result);

    /// The program never ran, or the run was lost sight of.
    ///
    /// @param why only its kind is recorded: its message may quote what the policy holds
    void failed(Throwable why);
}
