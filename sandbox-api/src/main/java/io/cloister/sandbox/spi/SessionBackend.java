package io.cloister.sandbox.spi;

import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.ResourceLimits;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/// A sandbox that stays, for commands one after the other or side by side. Thread-safe.
public interface SessionBackend extends AutoCloseable {

    /// Sends the launch of a command into the sandbox and does not wait for it; see
    /// [SandboxBackend#launch(Command)].
    ///
    /// @param command what to start, with all three streams set
    /// @param limits makes the limits of this command of those that the policy has for each
    /// @return the process
    /// @throws io.cloister.sandbox.SandboxException if it could not be sent
    /// @throws IllegalStateException if the sandbox has ended
    SandboxProcess launch(Command command, UnaryOperator<ResourceLimits> limits);

    /// As [#launch(Command, UnaryOperator)], but returns once the program has been executed.
    ///
    /// @param command what to start, with all three streams set
    /// @param limits makes the limits of this command of those that the policy has for each
    /// @return the running command
    SandboxProcess start(Command command, UnaryOperator<ResourceLimits> limits);

    /// The end of the sandbox itself; its usage is that of all its commands.
    ///
    /// @return completes when its last process is gone
    CompletableFuture<SandboxResult> onEnd();

    /// What all its commands have used so far.
    ///
    /// @return the usage
    ResourceUsage usage();

    /// Stops all its processes until [#resume()].
    ///
    /// @param time whether wall time passes for its commands meanwhile
    void pause(PausedTime time);

    /// Lets them go on.
    void resume();

    /// The namespaces that it lives in.
    ///
    /// @return the inode number of each, as `/proc/self/ns` has it
    Map<Namespace, Long> namespaceIds();

    /// Its files.
    ///
    /// @return the same each time; closed with the sandbox
    SandboxFiles files();

    /// Copies to the host what a command has made; no process of it runs any more.
    ///
    /// @param wanted what to copy
    /// @return what came of each, in the same order; missing for
    ///   [io.cloister.sandbox.SandboxFileException.Reason#CLOSED] if the sandbox has ended
    Map<SandboxPath, CollectedFiles> collect(List<OutputFiles> wanted);

    /// Kills all that its commands left, removes their files, and looks whether it is as it was
    /// when this was first called, which is before the first command.
    ///
    /// @return empty if it is; else what is different: it must not be used again then. What stands
    ///   before the first colon goes to logs and recordings, and so names nothing that a command or
    ///   a policy has chosen
    Optional<String> reset();

    /// Kills all its processes and returns when they are gone. Closing again does nothing.
    @Override
    void close();
}
