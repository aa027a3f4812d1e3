package io.cloister.sandbox;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// The result of a command that runs in the background; whoever ends the future early ends the run.
final class RunFuture extends CompletableFuture<SandboxResult> {
    private final CompletableFuture<SandboxProcess> started;
    private final Runnable withdrawal;
    private volatile boolean cancelling;

    /// @param process a run that has been started
    RunFuture(SandboxProcess process) {
        this(completedFuture(process), () -> {});
    }

    /// @param started the run, once it has been started
    /// @param withdrawal what keeps it from being started if it still waits; `started` completes
    ///   soon then
    RunFuture(CompletableFuture<SandboxProcess> started, Runnable withdrawal) {
        this.started = started;
        this.withdrawal = withdrawal;
        started.thenCompose(SandboxProcess::onResult).whenComplete(this::finish);
        // A timeout or a value from outside leaves nobody to wait for the run.
        whenComplete((result, failure) -> abandon());
    }

    private void finish(@Nullable SandboxResult result, @Nullable Throwable failure) {
        if (cancelling) {
            return;
        }
        if (failure == null) {
            complete(result);
        } else {
            completeExceptionally(
                    failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure);
        }
    }

    private void abandon() {
        boolean over = started.isDone() && process().filter(Process::isAlive).isEmpty();
        if (!cancelling && !over) {
            Thread.startVirtualThread(this::end);
        }
    }

    private void end() {
        withdrawal.run();
        process().ifPresent(SandboxProcess::cancel);
    }

    /// The run, or nothing if it could not be started. Waits until one is certain.
    private Optional<SandboxProcess> process() {
        return started.handle((process, _) -> Optional.ofNullable(process)).join();
    }

    /// Kills the tree, and returns when all of it is dead.
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return isCancelled();
        }
        cancelling = true;
        try {
            end();
        } catch (RuntimeException failure) {
            completeExceptionally(failure);
            throw failure;
        }
        return super.cancel(mayInterruptIfRunning);
    }
}
