package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Starts the runs of one sandbox, each when its budget has room for it. Thread-safe.
///
/// Without a budget it starts them as they come.
final class Admission {
    private final Optional<ResourceBudget> budget;
    private final ResourceLimits limits;
    private final Set<BudgetQueue.Lease> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @throws IllegalArgumentException if the budget could never admit a run
    Admission(Optional<ResourceBudget> budget, ResourceLimits limits) {
        this.budget = budget;
        this.limits = limits;
        budget.ifPresent(it -> it.amountFor(limits));
    }

    Optional<ResourceBudget> budget() {
        return budget;
    }

    /// Waits for room and starts a run.
    ///
    /// @param launch what starts it
    /// @throws InterruptedException if the thread is interrupted while it waits
    /// @throws BudgetExceededException if there is no room in time
    /// @throws IllegalStateException if the sandbox is closed meanwhile
    SandboxProcess start(Supplier<SandboxProcess> launch) throws InterruptedException {
        if (budget.isEmpty()) {
            return launch.get();
        }
        BudgetQueue.Lease lease = budget.get().request(limits);
        await(lease);
        return launch(budget.get(), lease, launch);
    }

    /// Opens a session, which holds its part of the budget until it is closed or has ended.
    SandboxSession open(Supplier<SessionBackend> opener, RunListeners listeners)
            throws InterruptedException {
        if (budget.isEmpty()) {
            return new SandboxSession(opener.get(), listeners, () -> {});
        }
        BudgetQueue.Lease lease = budget.get().request(limits);
        await(lease);
        try {
            SessionBackend backend = opener.get();
            backend.onEnd().whenComplete((_, _) -> lease.close());
            return new SandboxSession(backend, listeners, lease::close);
        } catch (Throwable e) {
            lease.close();
            throw e;
        }
    }

    /// Starts a run, on this thread if there is room and on another one that waits for it if not.
    ///
    /// @param launch what starts it
    /// @param notStarted is told why it was not started, by whoever gave up: the future does not
    ///   know, since the caller may have completed it
    /// @throws BudgetExceededException if there is neither room nor a place in the queue
    RunFuture startAsync(Supplier<SandboxProcess> launch, Consumer<Throwable> notStarted) {
        try {
            if (budget.isEmpty()) {
                return new RunFuture(launch.get());
            }
            // Taken here, so that calls one after the other keep their order.
            BudgetQueue.Lease lease = budget.get().request(limits);
            if (lease.isHeld()) {
                return new RunFuture(launch(budget.get(), lease, launch));
            }
            return startLater(budget.get(), lease, launch, notStarted);
        } catch (Throwable e) {
            notStarted.accept(e);
            throw e;
        }
    }

    private RunFuture startLater(
            ResourceBudget from,
            BudgetQueue.Lease lease,
            Supplier<SandboxProcess> launch,
            Consumer<Throwable> notStarted) {
        CompletableFuture<SandboxProcess> started = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                await(lease);
                started.complete(launch(from, lease, launch));
            } catch (Throwable e) {
                notStarted.accept(e);
                started.completeExceptionally(e);
            }
        });
        return new RunFuture(started, lease::withdraw);
    }

    private void await(BudgetQueue.Lease lease) throws InterruptedException {
        waiting.add(lease);
        try {
            // Whoever closes the sandbox from here on finds the lease among those that wait.
            if (closed) {
                lease.close();
            }
            lease.await();
        } catch (CancellationException e) {
            throw closed ? new IllegalStateException("the sandbox is closed", e) : e;
        } finally {
            waiting.remove(lease);
        }
    }

    private static SandboxProcess launch(
            ResourceBudget budget, BudgetQueue.Lease lease, Supplier<SandboxProcess> launch) {
        try {
            return new BudgetedProcess(launch.get(), budget, lease);
        } catch (Throwable e) {
            lease.close();
            throw e;
        }
    }

    /// Takes back the requests that wait. Later ones are refused as if they had waited.
    void close() {
        closed = true;
        waiting.forEach(BudgetQueue.Lease::withdraw);
    }
}
