package io.cloister.sandbox;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A command running in a sandbox. Thread-safe.
///
/// It is a [Process], so whatever works with one works with it. What its methods mean here:
///
/// | method | meaning |
/// |---|---|
/// | [#pid()] | the id of the command's process as the host sees it |
/// | [#destroy()] | sends `SIGTERM` to the command; its descendants get nothing |
/// | [#destroyForcibly()] | kills the whole tree, without waiting for its end |
/// | [#cancel()] | kills the whole tree and returns when all of it is dead |
/// | [#exitValue()] | the exit code, or 128 plus the number of the signal that ended the command |
/// | [#onExit()] | completes when [#onResult()] does |
/// | [#toHandle()] | not supported: a process id may be used again once the command is gone |
///
/// The run is over when the command is: whatever it left running is killed then.
public abstract class SandboxProcess extends Process {

    /// For providers.
    protected SandboxProcess() {}

    /// {@return the result, when the run is over: no process of it is left and all its output has
    /// been passed on}
    ///
    /// Each call returns a future of its own; cancelling or completing it changes nothing else. It
    /// completes with a [SandboxException] if the run could not be watched to its end, and with the
    /// exception of an [OutputConsumer] that threw one.
    public abstract CompletableFuture<SandboxResult> onResult();

    /// Waits for the result.
    ///
    /// @return the result
    /// @throws InterruptedException if the thread is interrupted; the whole tree is dead then
    /// @throws SandboxException if the run could not be watched to its end
    public SandboxResult waitForResult() throws InterruptedException {
        CompletableFuture<SandboxResult> result = onResult();
        try {
            return result.get();
        } catch (InterruptedException e) {
            try {
                cancel();
            } catch (RuntimeException failure) {
                e.addSuppressed(failure);
            }
            throw e;
        } catch (ExecutionException e) {
            throw Failures.unchecked(e.getCause());
        }
    }

    /// Sends a signal to the command, not to its descendants. Does nothing once it has ended.
    ///
    /// A command that dies of it has the outcome [Outcome.Signalled].
    ///
    /// @param signal the signal
    /// @throws SandboxException if the host refuses to send it
    public abstract void signal(Signal signal);

    /// Kills the whole tree and returns when all of it is dead. The outcome is [Outcome.Cancelled],
    /// unless the run had ended before. An interrupt does not cut it short.
    ///
    /// @throws SandboxException if the host refuses to kill it
    public abstract void cancel();

    /// Where the caller writes what the command reads, if its input is [Input#pipe()]; otherwise a
    /// stream whose writes fail.
    @Override
    public abstract OutputStream getOutputStream();

    /// What the command writes to standard output, if that is [Output#pipe()]; otherwise an empty
    /// stream.
    @Override
    public abstract InputStream getInputStream();

    /// What the command writes to standard error, if that is [Output#pipe()]; otherwise an empty
    /// stream.
    @Override
    public abstract InputStream getErrorStream();

    /// The id of the command's process as the host sees it, not the one it has inside.
    @Override
    public abstract long pid();

    /// Whether the run is not over yet.
    @Override
    public boolean isAlive() {
        return !onResult().isDone();
    }

    /// Sends `SIGTERM` to the command; its descendants get nothing.
    @Override
    public abstract void destroy();

    /// Kills the whole tree, without waiting for its end. The outcome is [Outcome.Cancelled].
    @Override
    public abstract Process destroyForcibly();

    /// Whether [#destroy()] lets the command end in its own way: it does.
    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    /// The exit code of the command, or 128 plus the number of the signal that ended it, whoever
    /// sent it. [#onResult()] tells the cause.
    ///
    /// @throws IllegalThreadStateException if the run is not over yet
    @Override
    public abstract int exitValue();

    /// Waits until the run is over. Unlike [#waitForResult()] an interrupt leaves it running, as
    /// with every [Process].
    ///
    /// @return [#exitValue()]
    @Override
    public int waitFor() throws InterruptedException {
        try {
            onResult().get();
        } catch (ExecutionException e) {
            throw Failures.unchecked(e.getCause());
        }
        return exitValue();
    }

    /// Waits until the run is over, at most this long. An interrupt leaves it running.
    ///
    /// @return whether it is over
    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            onResult().get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return !isAlive();
        } catch (ExecutionException e) {
            throw Failures.unchecked(e.getCause());
        }
    }

    /// Completes with this process when [#onResult()] completes, in whatever way.
    @Override
    public CompletableFuture<Process> onExit() {
        return onResult().handle((result, failure) -> this);
    }
}
