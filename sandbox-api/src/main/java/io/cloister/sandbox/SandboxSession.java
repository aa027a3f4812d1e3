package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/// A sandbox that stays: many commands, in turn or at once, in the same namespaces and the same
/// file tree. What one writes the next one finds; what one leaves running is killed with it, but
/// all see each other's processes while they run.
///
/// # Limits
///
/// | of the policy | in a session |
/// |---|---|
/// | memory, swap, processes, processors, block I/O, huge pages, size of the scratch space | for all its commands together, from its opening to its end; who breaks one ends the session |
/// | processor time, wall time, idle time, output | for each command anew |
/// | rlimits | for each process, as ever |
///
/// A command may have further limits of its own: see [#start(Command, UnaryOperator)].
/// [SandboxResult#enforced()] of a command tells both: `memory` is its own limit, `session memory`
/// that of all.
///
/// # Commands among themselves
///
/// They run as the same user, unless one has another: [Command#user]. Where the kernel has Landlock
/// of ABI 6 (Linux 6.12), a command can signal its own processes alone, and reach their abstract
/// sockets alone. Before, it can also kill other commands of its session, its own supervisor among
/// them: then its result is a [SandboxException], and what it detached lives until the session
/// ends.
///
/// Where the policy opens the calls for keys, they have one session keyring together, which no
/// other sandbox has: what one puts there, another finds. Source: session-keyring(7).
///
/// # End
///
/// A session survives its commands, however they end. It ends by [#close()], with its sandbox, with
/// the JVM, or by a limit of all its commands together; then they end too, with the same outcome.
/// [#onEnd()] tells why. Thread-safe.
public final class SandboxSession implements AutoCloseable {

    private final SessionBackend backend;
    private final RunListeners listeners;
    private final Runnable released;

    /// @param listeners are told of its commands
    /// @param released called once it is closed
    SandboxSession(SessionBackend backend, RunListeners listeners, Runnable released) {
        this.backend = backend;
        this.listeners = listeners;
        this.released = released;
    }

    /// Runs a command and waits for its end; see [Sandbox#run(Command)]. Files that it declares by
    /// [Command#collect] are copied out when all its processes are dead; they are
    /// [CollectedFiles.Missing] if the session itself ended with it.
    ///
    /// @param command what to run
    /// @return how it ended, what it used and what it wrote
    /// @throws InterruptedException if the thread is interrupted; the command and all that it
    ///   started are dead then, the session lives on
    /// @throws IllegalArgumentException if a stream of the command is a pipe: nobody could use it
    /// @throws IllegalStateException if the session has ended
    /// @throws SandboxException if the command did not run, or could not be watched to its end
    public SandboxResult run(Command command) throws InterruptedException {
        return run(command, UnaryOperator.identity());
    }

    /// Runs a program with arguments and waits for its end; see [#run(Command)].
    ///
    /// @param program the program
    /// @param args its arguments
    /// @return how it ended, what it used and what it wrote
    /// @throws InterruptedException if the thread is interrupted
    public SandboxResult run(String program, String... args) throws InterruptedException {
        return run(Command.of(program, args));
    }

    /// Runs a command with limits of its own and waits for its end.
    ///
    /// @param command what to run
    /// @param limits see [#start(Command, UnaryOperator)]
    /// @return how it ended, what it used and what it wrote
    /// @throws InterruptedException if the thread is interrupted
    public SandboxResult run(Command command, UnaryOperator<ResourceLimits> limits)
            throws InterruptedException {
        SandboxResult result =
                listeners
                        .announce(Sandbox.unattended(command))
                        .start(announced -> backend.launch(announced, limits))
                        .waitForResult();
        return command.outputFiles().isEmpty()
                ? result
                : result.withOutputs(backend.collect(command.outputFiles()));
    }

    /// Starts a command and returns once its program has been executed; see
    /// [Sandbox#start(Command)].
    ///
    /// @param command what to run
    /// @return the running command
    /// @throws IllegalStateException if the session has ended
    /// @throws SandboxException if the command did not run
    public SandboxProcess start(Command command) {
        return start(command, UnaryOperator.identity());
    }

    /// Starts a command with limits of its own, on top of what all have together.
    ///
    /// - Times, output and rlimits cost nothing.
    /// - Memory, swap, processes, processors, block I/O and huge pages are kept by a control group
    ///   of the command, below that of the session, which is removed when the command has ended. To
    ///   enter it takes some milliseconds: each time in version 1, for the first such command of a
    ///   session in version 2. Usage is counted there. Who breaks such a limit ends, with
    ///   [Outcome.LimitReached], and the session goes on.
    /// - One with a limit on memory and none on swap has that on swap of all commands.
    /// - **Kernel:** cgroups(7). In version 1 the session's group has what limits of the policy
    ///   want and nothing else, such as a set of processors; block I/O is for all commands only.
    ///
    /// @param command what to run
    /// @param limits makes its limits of those that the policy has for each command, which are
    ///   times, output and rlimits
    /// @return the running command
    /// @throws IllegalArgumentException if the command has outputs to collect: [#run(Command)] does
    ///   that
    /// @throws SandboxUnavailableException if the host, or the group of the session, has no
    ///   controller for a limit that is required; one that is best effort is watched, if it is on
    ///   memory or processes, which a fast program can outrun for a moment
    public SandboxProcess start(Command command, UnaryOperator<ResourceLimits> limits) {
        Objects.requireNonNull(limits, "limits");
        Sandbox.requireNoOutputs(command);
        return listeners
                .announce(command.withDefaults(Input.pipe(), Output.pipe(), Output.pipe()))
                .start(announced -> backend.start(announced, limits));
    }

    /// {@return its files, to write, read and copy while commands run}
    public SandboxFiles files() {
        return backend.files();
    }

    /// {@return what all its commands have used since it was opened}
    public ResourceUsage usage() {
        return backend.usage();
    }

    /// Stops all its processes until [#resume()]. Wall time and idle time do not pass for its
    /// commands meanwhile. A session that is paused already stays so.
    ///
    /// @throws SandboxUnavailableException if there is no control group to do it with
    public void pause() {
        pause(PausedTime.STANDS_STILL);
    }

    /// Stops all its processes until [#resume()]. A session that is paused already stays so.
    ///
    /// @param time whether wall time passes for its commands meanwhile; whose time is over then
    ///   ends as soon as the session goes on
    /// @throws SandboxUnavailableException if there is no control group to do it with
    public void pause(PausedTime time) {
        backend.pause(time);
    }

    /// Lets its processes go on.
    public void resume() {
        backend.resume();
    }

    /// The namespaces that it lives in, by the numbers that `readlink /proc/self/ns/net` shows in
    /// it and outside (namespaces(7)). One that equals the JVM's is the host's.
    ///
    /// @return the inode number of each
    /// @throws IllegalStateException if the session has ended
    public Map<Namespace, Long> namespaceIds() {
        return backend.namespaceIds();
    }

    /// How the session itself ends: [Outcome.Cancelled] if it was closed, or the limit that its
    /// commands broke together. The usage is that of all of them.
    ///
    /// @return completes when its last process is gone; exceptionally if it was killed from outside
    public CompletableFuture<SandboxResult> onEnd() {
        return backend.onEnd();
    }

    /// {@return whether it takes commands}
    public boolean isOpen() {
        return !backend.onEnd().isDone();
    }

    SessionBackend backend() {
        return backend;
    }

    RunListeners listeners() {
        return listeners;
    }

    /// Kills all its processes and returns when they are gone. The outcome of commands that ran is
    /// [Outcome.Cancelled]. Closing again does nothing.
    @Override
    public void close() {
        try {
            backend.close();
        } finally {
            released.run();
        }
    }
}
