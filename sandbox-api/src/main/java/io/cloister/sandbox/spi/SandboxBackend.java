package io.cloister.sandbox.spi;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxProcess;

/// Runs commands under one policy. Thread-safe.
public interface SandboxBackend extends AutoCloseable {

    /// Starts a command and returns once the program has been executed.
    ///
    /// Each call is a sandbox of its own: nothing of an earlier run is left in it.
    ///
    /// @param command with standard input, output and error all set
    /// @return the running command
    /// @throws io.cloister.sandbox.SandboxException if it did not run; nothing is left of it then
    /// @throws IllegalStateException if the backend is closed
    SandboxProcess start(Command command);

    /// Sends a launch and does not wait for it: for callers that wait for the result anyway. A
    /// program that could not be executed ends [SandboxProcess#onResult()] exceptionally.
    ///
    /// @param command what to start, with all three streams set
    /// @return the process
    default SandboxProcess launch(Command command) {
        return start(command);
    }

    /// Opens a sandbox that stays; returns once it takes commands. It ends with this backend.
    ///
    /// @return the sandbox
    /// @throws io.cloister.sandbox.SandboxUnavailableException if the policy cannot be kept in one
    /// @throws io.cloister.sandbox.SandboxException if it could not be set up; nothing is left of
    ///   it
    /// @throws IllegalStateException if the backend is closed
    SessionBackend open();

    /// Tells what [#start(Command)] would do, one step a line, without doing any of it.
    ///
    /// @param command with standard input, output and error all set
    /// @return text for people; never a value of the environment or anything of the input
    String explain(Command command);

    /// Kills all processes of all runs, returns when they are dead and frees what the backend
    /// holds. Their outcome is [io.cloister.sandbox.Outcome.Cancelled].
    ///
    /// It is called until it returns without an exception. A [#start(Command)] that runs at the
    /// same time either counts among the runs killed or throws [IllegalStateException].
    @Override
    void close();
}
