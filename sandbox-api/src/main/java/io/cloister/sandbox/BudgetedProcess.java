package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/// A run that holds a part of a budget. Whoever knows that it is over may start another one in its
/// place: the part is given back before anybody is told.
final class BudgetedProcess extends SandboxProcess {
    private final SandboxProcess process;
    private final ResourceBudget budget;
    private final BudgetQueue.Lease lease;
    private final CompletableFuture<SandboxResult> result;
    private final ReentrantLock changing = new ReentrantLock();

    BudgetedProcess(SandboxProcess process, ResourceBudget budget, BudgetQueue.Lease lease) {
        this.process = process;
        this.budget = budget;
        this.lease = lease;
        result = process.onResult().whenComplete((_, _) -> lease.close());
    }

    @Override
    public CompletableFuture<SandboxResult> onResult() {
        return result.copy();
    }

    @Override
    public SandboxResult waitForResult() throws InterruptedException {
        try {
            return process.waitForResult();
        } finally {
            if (!process.isAlive()) {
                lease.close();
            }
        }
    }

    @Override
    public void cancel() {
        process.cancel();
        lease.close();
    }

    /// More is taken before the limits change, less is given back after it, so that the budget
    /// always covers what the run may use.
    @Override
    public void changeLimits(UnaryOperator<ResourceLimits> change) {
        changing.lock();
        try {
            Change amounts = new Change(lease.amount());
            try {
                process.changeLimits(before -> amounts.raise(change.apply(before)));
            } catch (Throwable e) {
                lease.change(amounts.before);
                throw e;
            }
            lease.change(amounts.after);
        } finally {
            changing.unlock();
        }
    }

    private final class Change {
        private final BudgetAmount before;
        private BudgetAmount after;

        private Change(BudgetAmount before) {
            this.before = before;
            after = before;
        }

        private ResourceLimits raise(ResourceLimits limits) {
            BudgetAmount wanted = budget.amountFor(limits);
            lease.change(before.max(wanted));
            after = wanted;
            return limits;
        }
    }

    @Override
    public boolean isAlive() {
        return !result.isDone();
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        process.signal(signal, scope);
    }

    @Override
    public CompletableFuture<SandboxResult> terminate(Duration grace) {
        process.terminate(grace);
        return onResult();
    }

    @Override
    public ResourceUsage usage() {
        return process.usage();
    }

    @Override
    public void pause(PausedTime time) {
        process.pause(time);
    }

    @Override
    public void resume() {
        process.resume();
    }

    @Override
    public Optional<SandboxTerminal> terminal() {
        return process.terminal();
    }

    @Override
    public SocketChannel socket() {
        return process.socket();
    }

    @Override
    public OutputStream getOutputStream() {
        return process.getOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return process.getInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return process.getErrorStream();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public OptionalLong pidInside() {
        return process.pidInside();
    }

    @Override
    public void destroy() {
        process.destroy();
    }

    @Override
    public Process destroyForcibly() {
        process.destroyForcibly();
        return this;
    }

    @Override
    public int exitValue() {
        return process.exitValue();
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
