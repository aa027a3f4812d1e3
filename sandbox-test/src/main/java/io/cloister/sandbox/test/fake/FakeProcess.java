package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.SignalScope;
import io.cloister.sandbox.policy.ResourceLimits;

import org.jspecify.annotations.Nullable;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/// A command that goes as its rule says. A virtual thread of its own is the program.
final class FakeProcess extends SandboxProcess {

    /// Linux gives no id above 4194304, so that none of these is somebody's: proc(5), `pid_max`.
    private static final AtomicLong NEXT_ID = new AtomicLong(4_194_305);

    /// What a program does not die of unless it wants to: signal(7).
    private static final Set<Signal> HARMLESS =
            Set.of(Signal.CHLD, Signal.CONT, Signal.STOP, new Signal(23), new Signal(28));

    private final Scripted script;
    private final FakeRun run;
    private final FakeStreams streams;
    private final FakeFiles files;
    private final long pid = NEXT_ID.getAndIncrement();
    private final long start = System.nanoTime();
    private final CompletableFuture<SandboxResult> result = new CompletableFuture<>();

    /// How it ends, once that is certain; the first reason counts.
    private @Nullable Outcome ending;

    private boolean paused;
    private boolean wallTimePasses;
    private long pausedSince;

    /// How long it has stood still, and for how much of that its wall time did too.
    private long stoodStill;

    private long wallTimeStoodStill;

    private FakeProcess(Scripted script, FakeRun run, FakeStreams streams, FakeFiles files) {
        this.script = script;
        this.run = run;
        this.streams = streams;
        this.files = files;
    }

    /// Starts a command.
    ///
    /// @throws SandboxException if its rule says so, or a file that it names cannot be opened
    static FakeProcess start(Scripted script, FakeRun run, FakeFiles files) {
        if (run.command().terminal().isPresent()) {
            throw new SandboxUnavailableException(
                    "a fake sandbox has no terminals", "terminals", "use pipes, or a real sandbox");
        }
        script.failure()
                .ifPresent(failure -> {
                    throw failure.get();
                });
        FakeProcess process = new FakeProcess(script, run, FakeStreams.open(run), files);
        Thread.ofVirtual().name("fake-sandbox-" + process.pid).start(process::go);
        return process;
    }

    /// The life of the program.
    private void go() {
        try {
            boolean withinLimit = write();
            if (!withinLimit) {
                end(new Outcome.LimitReached(Limit.OUTPUT));
            }
            Outcome how = awaitEnd();
            streams.close();
            result.complete(result(how, usage(), streams.stdout(), streams.stderr()));
        } catch (Throwable failure) {
            // Of a consumer of the caller, as a rule: it is the caller who must hear of it.
            streams.close();
            result.completeExceptionally(failure);
        }
    }

    /// Writes what the program writes; whether that was within its limit.
    private boolean write() throws InterruptedException {
        byte[] answer = new byte[0];
        if (script.answer().isPresent()) {
            boolean whole = streams.awaitInput(this::isEnding);
            if (isEndedWithout(whole)) {
                return true;
            }
            answer = script.answer().get().apply(run.stdin());
        }
        for (var file : script.files().entrySet()) {
            files.writeFromInside(file.getKey(), file.getValue());
        }
        return streams.write(run.limits(), answer, script.stdout(), script.stderr());
    }

    private synchronized boolean isEnding() {
        return ending != null || wallTimeLeft() <= 0;
    }

    /// Whether it ends while it reads, so that it writes nothing.
    ///
    /// @param whole whether there was an end of the input; if not, the time was over before
    private synchronized boolean isEndedWithout(boolean whole) {
        if (!whole) {
            end(new Outcome.LimitReached(Limit.WALL_TIME));
        }
        return ending != null;
    }

    /// What is due first counts, however late this thread looks: both may be over by then.
    private synchronized Outcome awaitEnd() throws InterruptedException {
        while (true) {
            if (ending != null) {
                return ending;
            }
            long itself = paused || script.outcome().isEmpty() ? Long.MAX_VALUE : scriptLeft();
            long limit = paused && !wallTimePasses ? Long.MAX_VALUE : wallTimeLeft();
            if (limit <= 0 && limit <= itself) {
                return new Outcome.LimitReached(Limit.WALL_TIME);
            }
            if (itself <= 0) {
                return script.outcome().orElseThrow();
            }
            long left = Math.min(itself, limit);
            // A moment more than is left, so that nothing is left then.
            wait(Math.min(TimeUnit.NANOSECONDS.toMillis(left), 3_600_000) + 1);
        }
    }

    private long scriptLeft() {
        return TimeUnit.NANOSECONDS.convert(script.after())
                - (System.nanoTime() - start - stoodStill);
    }

    private long wallTimeLeft() {
        long passed = sinceStart().toNanos();
        return run.limits()
                .wallTime()
                .map(limit -> TimeUnit.NANOSECONDS.convert(limit) - passed)
                .orElse(Long.MAX_VALUE);
    }

    /// Ends it in this way, unless it has ended.
    synchronized void end(Outcome how) {
        if (ending == null) {
            ending = how instanceof Outcome.Cancelled ? new Outcome.Cancelled(sinceStart()) : how;
            notifyAll();
            streams.endInput();
        }
    }

    /// The wall time, as its limit counts it.
    private synchronized Duration sinceStart() {
        long stood = wallTimeStoodStill;
        if (paused && !wallTimePasses) {
            stood += System.nanoTime() - pausedSince;
        }
        return Duration.ofNanos(System.nanoTime() - start - stood);
    }

    static SandboxResult result(
            Outcome outcome, ResourceUsage usage, byte[] stdout, byte[] stderr) {
        return SandboxResult.of(
                outcome,
                usage,
                stdout,
                stderr,
                List.of(Enforcement.notHeld("policy", "nothing", "a fake sandbox")),
                List.of(new Evidence("fake sandbox", "scripted, nothing has run")));
    }

    @Override
    public CompletableFuture<SandboxResult> onResult() {
        return result.copy();
    }

    @Override
    public ResourceUsage usage() {
        SandboxResult known = result.isCompletedExceptionally() ? null : result.getNow(null);
        Outcome how;
        synchronized (this) {
            how = ending;
        }
        Duration wallTime = how instanceof Outcome.Cancelled(var after) ? after : sinceStart();
        return known != null
                ? known.usage()
                : script.usage().apply(ResourceUsage.builder(wallTime)).build();
    }

    @Override
    public synchronized void pause(PausedTime time) {
        if (!paused && !result.isDone()) {
            paused = true;
            pausedSince = System.nanoTime();
            wallTimePasses = time == PausedTime.PASSES;
            notifyAll();
        }
    }

    @Override
    public synchronized void resume() {
        if (paused) {
            paused = false;
            long stood = System.nanoTime() - pausedSince;
            stoodStill += stood;
            wallTimeStoodStill += wallTimePasses ? 0 : stood;
            notifyAll();
        }
    }

    @Override
    public synchronized void changeLimits(UnaryOperator<ResourceLimits> change) {
        if (!result.isDone()) {
            run.limited(Objects.requireNonNull(change.apply(run.limits()), "limits"));
            notifyAll();
        }
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        if (result.isDone()) {
            return;
        }
        run.signalled(signal);
        if (!HARMLESS.contains(signal)) {
            end(new Outcome.Signalled(signal));
        }
    }

    @Override
    public CompletableFuture<SandboxResult> terminate(Duration grace) {
        requireNotNegative(grace);
        signal(Signal.TERM);
        return onResult();
    }

    @Override
    public void cancel() {
        destroyForcibly();
        result.handle((_, _) -> true).join();
    }

    @Override
    public void destroy() {
        signal(Signal.TERM);
    }

    @Override
    public Process destroyForcibly() {
        end(new Outcome.Cancelled(Duration.ZERO));
        return this;
    }

    @Override
    public SocketChannel socket() {
        return streams.socket().orElseGet(super::socket);
    }

    @Override
    public OutputStream getOutputStream() {
        return streams.toStdin();
    }

    @Override
    public InputStream getInputStream() {
        return streams.fromStdout();
    }

    @Override
    public InputStream getErrorStream() {
        return streams.fromStderr();
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public OptionalLong pidInside() {
        return result.isDone() ? OptionalLong.empty() : OptionalLong.of(2);
    }

    @Override
    public int exitValue() {
        if (!result.isDone()) {
            throw new IllegalThreadStateException("the run is not over yet");
        }
        if (result.isCompletedExceptionally()) {
            return 128 + Signal.KILL.number();
        }
        return switch (result.join().outcome()) {
            case Outcome.Exited(int code) -> code;
            case Outcome.Signalled(Signal signal) -> 128 + signal.number();
            case Outcome.PolicyViolated _ -> 128 + Signal.SYS.number();
            case Outcome.LimitReached _, Outcome.Cancelled _ -> 128 + Signal.KILL.number();
        };
    }

    /// For people.
    @Override
    public String toString() {
        return "FakeProcess[" + pid + ", " + run + "]";
    }
}
