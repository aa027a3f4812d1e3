package io.cloister.sandbox;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// The result of a command that runs in the background; whoever ends the future early ends the run.
final class RunFuture extends CompletableFuture<SandboxResult> {
    private final SandboxProcess process;
    private volatile boolean cancelling;

    RunFuture(SandboxProcess process) {
        this.process = process;
        process.onResult().whenComplete(this::finish);
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
        if (!cancelling && process.isAlive()) {
            Thread.startVirtualThread(process::cancel);
        }
    }

    /// Kills the tree, and returns when all of it is dead.
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return isCancelled();
        }
        cancelling = true;
        try {
            process.cancel();
        } catch (RuntimeException failure) {
            completeExceptionally(failure);
            throw failure;
        }
        return super.cancel(mayInterruptIfRunning);
    }
}
