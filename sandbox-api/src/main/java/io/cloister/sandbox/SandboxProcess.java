package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A command running in a sandbox. Thread-safe.
///
/// It is a [Process], so whatever works with one works with it. What its methods mean here:
///
/// | method | meaning |
/// |---|---|
/// | [#pid()] | the id of the command's process as the host sees it |
/// | [#terminate(Duration)] | sends `SIGTERM` to the command, and kills the whole tree a while later |
/// | [#destroy()] | sends `SIGTERM` to the command; its descendants get nothing |
/// | [#destroyForcibly()] | kills the whole tree, without waiting for its end |
/// | [#cancel()] | kills the whole tree and returns when all of it is dead |
/// | [#exitValue()] | the exit code, or 128 plus the number of the signal that ended the command |
/// | [#onExit()] | completes when [#onResult()] does |
/// | [#toHandle()], [#children()], [#descendants()], [#info()] | not supported: a process id may be used again once its process is gone |
///
/// The run is over when the command is: whatever it left running is killed then.
public abstract class SandboxProcess extends Process {

    private static final String INSTEAD_OF_DESCENDANTS =
            "usage().processes() for their number, signal(..., SignalScope.TREE) to reach all of"
                    + " them, and cancel() or destroyForcibly() to kill them";

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

    /// Tells what the run has used so far; once it is over, what its result tells.
    ///
    /// This reads a few files of the kernel, which takes some tens of microseconds.
    ///
    /// @return what it has used; what the host cannot tell is empty
    /// @throws SandboxException if the host refuses to tell
    public abstract ResourceUsage usage();

    /// Makes a publisher of what the run uses: a sample at the end of each interval, then, when the
    /// run is over, what its result tells, and completion.
    ///
    /// Each subscription has intervals of its own. A sample is taken when it is due and has been
    /// requested; intervals that pass without a request are left out, so that nothing piles up.
    /// Subscribers are called on virtual threads, one call at a time. The subscription fails with
    /// the exception of [#onResult()] if the run could not be watched to its end, and with that of
    /// [#usage()] if that throws one.
    ///
    /// @param every the interval, at least 1 ms
    /// @return the publisher
    /// @throws IllegalArgumentException if `every` is shorter than 1 ms
    public Flow.Publisher<ResourceUsage> samples(Duration every) {
        return new UsageSamples(this, every);
    }

    /// Makes a publisher of what the command writes to standard output, if that is [Output#pipe()]:
    /// of what is read from [#getInputStream()], which nobody else should read meanwhile.
    ///
    /// Nothing is read that was not requested, so a slow subscriber slows the program down, and no
    /// memory grows. Each element is a read-only buffer of its own, of 16 KiB at most. There is one
    /// subscriber, who is called on a virtual thread. To cancel the subscription ends that alone:
    /// the program goes on until the pipe is full, or somebody reads again; what a read under way
    /// gets is lost. The end of the output is told to who requests more: it completes the
    /// subscription. A failure to read fails it.
    ///
    /// @return the publisher
    public Flow.Publisher<ByteBuffer> publishOutput() {
        return new OutputPublisher<>(getInputStream(), new OutputChunks());
    }

    /// As [#publishOutput()], line by line, without the newlines (`\n` or `\r\n`), as UTF-8; each
    /// malformed sequence becomes U+FFFD.
    ///
    /// It reads ahead of what is requested, 8 KiB at most. To cancel the subscription loses that:
    /// whoever reads on finds what comes after it, which may begin within a line.
    ///
    /// @param longest how many bytes a line may have, 4 or more; a longer one comes in parts of at
    ///   most that length
    /// @return the publisher
    /// @throws IllegalArgumentException if `longest` is less than 4 bytes, or more than an array
    ///   holds
    public Flow.Publisher<String> publishOutputLines(Bytes longest) {
        return new OutputPublisher<>(getInputStream(), new OutputLines(longest));
    }

    /// As [#publishOutput()], for standard error and [#getErrorStream()].
    ///
    /// @return the publisher
    public Flow.Publisher<ByteBuffer> publishErrors() {
        return new OutputPublisher<>(getErrorStream(), new OutputChunks());
    }

    /// As [#publishOutputLines(Bytes)], for standard error and [#getErrorStream()].
    ///
    /// @param longest how many bytes a line may have, 4 or more
    /// @return the publisher
    /// @throws IllegalArgumentException as [#publishOutputLines(Bytes)]
    public Flow.Publisher<String> publishErrorLines(Bytes longest) {
        return new OutputPublisher<>(getErrorStream(), new OutputLines(longest));
    }

    /// Stops all processes of the run where they are, with [PausedTime#STANDS_STILL]; see
    /// [#pause(PausedTime)].
    ///
    /// @throws SandboxUnavailableException if the run has no control group that can stop it: the
    ///   host has none, or no limit wanted one
    /// @throws SandboxException if not all of it could be stopped within half a second
    public final void pause() {
        pause(PausedTime.STANDS_STILL);
    }

    /// Stops all processes of the run where they are, until [#resume()] or the end of the run. Does
    /// nothing while it is paused, and once it is over.
    ///
    /// A paused run keeps its memory and uses no processor. It counts no idle time, and wall time
    /// as it is told to. It can be cancelled. The program does not notice, but by clocks and by
    /// what others send it meanwhile.
    ///
    /// @param time whether wall time passes meanwhile
    /// @throws SandboxUnavailableException if the run has no control group that can stop it: the
    ///   host has none, or no limit wanted one
    /// @throws SandboxException if not all of it could be stopped within half a second
    public abstract void pause(PausedTime time);

    /// Lets a paused run go on. Does nothing while it is not paused, and once it is over.
    ///
    /// @throws SandboxException if the host refuses
    public abstract void resume();

    /// Changes limits of the run, for all of its processes at once, as in `changeLimits(limits ->
    /// limits.cpus(0.5))`. Does nothing once it is over.
    ///
    /// These can be changed: `memory`, `memoryHigh`, `swap`, `pids`, `cpus`, `cpuBurst`,
    /// `cpuWeight`, `cpuset`, `io`, `ioWeight`, `cpuTime`, `wallTime` and `idleTime`. A limit below
    /// what the run uses already takes effect at once: memory is reclaimed or the run is killed,
    /// times and numbers end it as if they had been reached now. In version 1 of control groups
    /// `cpuset`, `io` and `ioWeight` take a run that began with a limit of that kind; and a run
    /// that began without any limit but on wall time and output has no control group to change, nor
    /// has a command of a session that has none of its own.
    ///
    /// @param change from the present limits to those that shall hold
    /// @throws IllegalArgumentException if another limit is changed, or limits do not go together;
    ///   nothing is changed then
    /// @throws BudgetExceededException if the [ResourceBudget] of the sandbox has no room for a
    ///   raised limit; nothing is changed then
    /// @throws SandboxUnavailableException if this host cannot enforce a changed limit that is
    ///   required; nothing is changed then
    public abstract void changeLimits(UnaryOperator<ResourceLimits> change);

    /// Sends a signal to the command, not to its descendants. Does nothing once it has ended.
    ///
    /// A command that dies of it has the outcome [Outcome.Signalled].
    ///
    /// @param signal the signal
    /// @throws SandboxException if the host refuses to send it
    public void signal(Signal signal) {
        signal(signal, SignalScope.PROCESS);
    }

    /// Sends a signal to the command, its process group, or all processes of the run. Does nothing
    /// once the command has ended. No process outside the run gets it, not even one that took the
    /// number of a process that has ended.
    ///
    /// To [SignalScope#TREE] it is sent from inside, to all at once. Where a command of a session,
    /// or a run with `hostPid()`, finds no Landlock of ABI 6 (Linux 6.12), it is sent to one after
    /// the other, and a process that is born meanwhile may get none. The processes get it a moment
    /// after this returns, a paused run when it goes on.
    ///
    /// @param signal the signal
    /// @param scope to whom
    /// @throws SandboxUnavailableException if it is for the group, and the kernel cannot do that
    ///   safely (before Linux 6.9)
    /// @throws SandboxException if the host refuses to send it
    public abstract void signal(Signal signal, SignalScope scope);

    /// Asks the command to end, and kills the whole tree if it has not ended after a while.
    ///
    /// The command gets `SIGTERM`, its descendants nothing. If it ends by that in time, the outcome
    /// is its own: [Outcome.Signalled], or [Outcome.Exited] if it handles the signal; as ever, what
    /// it left running is killed then. If not, the outcome is [Outcome.Cancelled], and
    /// [SandboxResult#evidence()] says so. A paused command gets no signal before it goes on.
    ///
    /// @param grace how long it may take
    /// @return as [#onResult()]
    /// @throws IllegalArgumentException if `grace` is negative
    /// @throws SandboxException if the host refuses to send the signal
    public abstract CompletableFuture<SandboxResult> terminate(Duration grace);

    /// For providers.
    ///
    /// @param grace what was given to [#terminate(Duration)]
    /// @throws IllegalArgumentException if it is negative
    protected static void requireNotNegative(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException(
                    "grace must be >= 0, was " + Units.formatDuration(grace));
        }
    }

    /// Kills the whole tree and returns when all of it is dead. The outcome is [Outcome.Cancelled],
    /// unless the run had ended before. An interrupt does not cut it short.
    ///
    /// @throws SandboxException if the host refuses to kill it
    public abstract void cancel();

    /// {@return the terminal of the command, if it has one} See [Command#terminal(TerminalSize)].
    ///
    /// [#getOutputStream()] and [#getInputStream()] are its streams then, and [#getErrorStream()]
    /// is empty.
    public Optional<SandboxTerminal> terminal() {
        return Optional.empty();
    }

    /// {@return the caller's end of the socket that is the command's standard input, if that is
    /// [Input#socket()]}
    ///
    /// It is in blocking mode, and the caller's to close. What the command wrote stays to be read
    /// after its end, also by who asks for the socket only then; after that reads find the end of
    /// the stream. Where nobody ever asks, it is closed when this process is garbage.
    ///
    /// @throws IllegalStateException if the input is another one
    public SocketChannel socket() {
        throw new IllegalStateException(
                "standard input is no socket; command.stdin(Input.socket()) makes it one");
    }

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

    /// The id of the command's process as the program itself sees it, by getpid(2) and in `/proc`.
    ///
    /// @return the id; empty if the program has the process ids of this JVM, so that it sees
    ///   [#pid()], and once the command has ended
    /// @throws SandboxException if the host does not tell
    public abstract OptionalLong pidInside();

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

    /// Not supported: a handle goes by the process id, which another process may have once the
    /// command is gone.
    ///
    /// @throws UnsupportedOperationException always; it says what to use instead
    @Override
    public ProcessHandle toHandle() {
        throw unsupported(
                "toHandle()",
                "onResult() or onExit() for its end, signal(...) and terminate(...) to end it,"
                        + " usage() for what it uses, and pid() for logs");
    }

    /// Not supported, as [#toHandle()].
    ///
    /// @throws UnsupportedOperationException always; it says what to use instead
    @Override
    public ProcessHandle.Info info() {
        throw unsupported("info()", "usage() for what it uses, and the Command for what it runs");
    }

    /// Not supported, as [#toHandle()].
    ///
    /// @throws UnsupportedOperationException always; it says what to use instead
    @Override
    public Stream<ProcessHandle> children() {
        throw unsupported("children()", INSTEAD_OF_DESCENDANTS);
    }

    /// Not supported, as [#toHandle()].
    ///
    /// @throws UnsupportedOperationException always; it says what to use instead
    @Override
    public Stream<ProcessHandle> descendants() {
        throw unsupported("descendants()", INSTEAD_OF_DESCENDANTS);
    }

    private static UnsupportedOperationException unsupported(String call, String instead) {
        return new UnsupportedOperationException(
                call
                        + " is not supported for a command in a sandbox, since another process may"
                        + " have its id once it is gone; use "
                        + instead);
    }
}
