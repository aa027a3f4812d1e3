package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.linux.plan.Ending;
import io.cloister.sandbox.linux.plan.Kill;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// What callers of a run wait for: that its program runs, and how it ended. Thread-safe.
final class RunResult {

    /// What a Process says whose program never ran, or was lost sight of.
    private static final int LAUNCH_FAILED = 255;

    /// How long after its supervisor the end of a session is waited for.
    private static final Duration SESSION_GRACE = Duration.ofSeconds(2);

    private final RunSettings settings;
    private final Streams streams;
    private final RunTrail trail;
    private final Supplier<Kill> joinedEnd;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<SandboxResult> result = new CompletableFuture<>();

    /// What callers see: their callbacks run on threads of their own, never on the loop's.
    private final Supplier<CompletableFuture<SandboxResult>> published =
            Once.of(() -> result.whenCompleteAsync((_, _) -> {}, Thread::startVirtualThread));

    private volatile OptionalInt exitValue = OptionalInt.empty();

    /// @param trail is told before anyone else
    /// @param joinedEnd what is said of a run that ended with the session that it joined
    RunResult(RunSettings settings, Streams streams, RunTrail trail, Supplier<Kill> joinedEnd) {
        this.settings = settings;
        this.streams = streams;
        this.trail = trail;
        this.joinedEnd = joinedEnd;
    }

    /// The program runs.
    void started() {
        trail.started();
        started.complete(null);
    }

    /// Waits until the program runs, or throws why it does not.
    void awaitStart() {
        try {
            started.join();
        } catch (CompletionException e) {
            throw LaunchErrors.thrownHere(e.getCause());
        }
    }

    /// Whether it is known how the run ended.
    boolean isDone() {
        return result.isDone();
    }

    /// Waits until it is, and throws what prevented it.
    SandboxResult await() throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw LaunchErrors.thrownHere(e.getCause());
        }
    }

    /// Waits until it is, whatever it is.
    void awaitEnd() {
        result.handle((_, _) -> true).join();
    }

    /// Runs `action` when it is, at once, on whatever thread makes it known.
    void whenDone(Runnable action) {
        result.whenComplete((_, _) -> action.run());
    }

    /// For callers.
    CompletableFuture<SandboxResult> published() {
        return published.get();
    }

    /// As a Process tells it; empty while the command runs.
    OptionalInt exitValue() {
        return exitValue;
    }

    /// There is no result; whoever waits is told why.
    void completeExceptionally(Throwable why) {
        exitValue = OptionalInt.of(LAUNCH_FAILED);
        trail.failed(why);
        result.completeExceptionally(why);
        started.completeExceptionally(why);
    }

    /// Makes it known how the run ended.
    ///
    /// @param failed why it could not be run, or be seen to its end
    /// @param streamProblem why not all that was written is known
    void complete(
            Optional<RuntimeException> failed, Ending ending, @Nullable Throwable streamProblem) {
        Optional<RuntimeException> why =
                failed.or(() ->
                        ending.kill().isEmpty()
                                ? Optional.ofNullable(streamProblem).map(RunResult::problem)
                                : Optional.empty());
        if (why.isEmpty()
                && ending.outcome().isEmpty()
                && settings.part() instanceof RunSettings.Part.Within(SandboxRun session)) {
            endedWith(session, ending);
            return;
        }
        if (why.isEmpty() && ending.outcome().isEmpty() && settings.joined().isPresent()) {
            endedWithJoined(settings.joined().get(), ending);
            return;
        }
        if (why.isEmpty() && ending.outcome().isEmpty()) {
            why = Optional.of(endedFromOutside());
        }
        if (why.isPresent()) {
            completeExceptionally(why.get());
            return;
        }
        complete(ending.outcome().orElseThrow(), ending.evidence(), ending);
    }

    private void complete(Outcome outcome, List<Evidence> evidence, Ending ending) {
        exitValue = OptionalInt.of(ending.exitValue());
        SandboxResult end =
                SandboxResult.of(
                        ending.timed(outcome),
                        ending.usage(),
                        streams.capturedOut(),
                        streams.capturedErr(),
                        settings.enforced(),
                        evidence);
        trail.ended(end);
        result.complete(end);
        started.complete(null);
    }

    /// The supervisor of a command ended without a word: with the whole session, whose outcome is
    /// then that of the command, or alone, killed by another command.
    private void endedWith(SandboxRun session, Ending ending) {
        session.result()
                .result
                .copy()
                .orTimeout(SESSION_GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .whenCompleteAsync(
                        (end, problem) -> {
                            if (end != null) {
                                complete(end.outcome(), end.evidence(), ending);
                            } else if (problem instanceof TimeoutException) {
                                completeExceptionally(
                                        new SandboxException(
                                                "the command's supervisor was killed, by another"
                                                        + " command of its session or from"
                                                        + " outside"));
                            } else {
                                completeExceptionally(problem(problem));
                            }
                        },
                        Thread::startVirtualThread);
    }

    /// A session that ends takes along who is among its processes, before the JVM can.
    private void endedWithJoined(LinuxSession session, Ending ending) {
        session.onEnd()
                .copy()
                .orTimeout(SESSION_GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .whenCompleteAsync(
                        (_, problem) -> {
                            if (problem instanceof TimeoutException) {
                                completeExceptionally(endedFromOutside());
                            } else {
                                Kill end = joinedEnd.get();
                                Evidence why = new Evidence("kill record", end.observed());
                                complete(end.reason(), List.of(why), ending);
                            }
                        },
                        Thread::startVirtualThread);
    }

    private static SandboxException endedFromOutside() {
        return new SandboxException(
                "the sandbox was ended from outside: its first process or the launcher was"
                        + " killed");
    }

    /// What is thrown for a problem of a stream.
    static RuntimeException problem(Throwable streamProblem) {
        Throwable cause =
                streamProblem instanceof CompletionException wrapped && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : streamProblem;
        return cause instanceof RuntimeException runtime
                ? runtime
                : new SandboxException("a stream failed: " + cause, cause);
    }
}
