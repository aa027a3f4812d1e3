package io.cloister.sandbox;

import java.util.Map;

/// Is told of every command of a sandbox: of its runs, and of those in its sessions, its pools and
/// its stages of pipelines. For counting, measuring and tracing.
///
/// It cannot change how a run ends: what it throws is logged, and the run goes on without it.
/// Thread-safe; see [Sandbox.Builder#listener(RunListener)].
@FunctionalInterface
public interface RunListener {

    /// A command is about to be launched. Called on the thread that asks for it, before the command
    /// waits for its budget; the launch waits for it, so it must be quick.
    ///
    /// @param command what is to run
    /// @return is told of the rest
    Watch launching(Command command);

    /// Is told of one run: first that it has started, unless it never did; then, once, how it ended
    /// or why it did not run.
    interface Watch {

        /// Environment variables for the command, such as the ids of a trace. One that the command
        /// itself sets has precedence. Asked once, on the thread of [RunListener#launching].
        ///
        /// @return names to values
        default Map<String, String> environment() {
            return Map.of();
        }

        /// The launch was sent. Whether the program could be executed is not always known yet.
        /// Called on the thread that launches, so it must be quick.
        ///
        /// @param process what runs; to look at, not to end
        default void started(SandboxProcess process) {}

        /// It has ended. Called on a thread that is for this call alone, while others may know of
        /// the end already, and without waiting for other listeners.
        ///
        /// @param result how; files that a command collects are not in it
        void ended(SandboxResult result);

        /// It did not run, or could not be watched to its end. Called as [#ended(SandboxResult)].
        ///
        /// @param problem why: a [SandboxException] mostly
        void failed(Throwable problem);
    }
}
