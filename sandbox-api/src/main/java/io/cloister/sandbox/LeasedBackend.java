package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A session of a pool as long as it is leased: who keeps it longer cannot get at what belongs to
/// the next user by then.
final class LeasedBackend implements SessionBackend {

    private final SandboxSession session;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile boolean ended;

    LeasedBackend(SandboxSession session) {
        this.session = session;
    }

    /// From here on it refuses everything.
    void end() {
        ended = true;
    }

    /// Waits for what has begun before the end.
    void awaitUnderWay() {
        lock.writeLock().lock();
        lock.writeLock().unlock();
    }

    private <T> T during(Supplier<T> action) {
        lock.readLock().lock();
        try {
            if (ended) {
                throw givenBack();
            }
            return action.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    private static IllegalStateException givenBack() {
        return new IllegalStateException(
                "the lease of this sandbox has ended; take another lease of the pool");
    }

    private SessionBackend backend() {
        return session.backend();
    }

    @Override
    public SandboxProcess launch(Command command, UnaryOperator<ResourceLimits> limits) {
        return during(() -> backend().launch(command, limits));
    }

    @Override
    public SandboxProcess start(Command command, UnaryOperator<ResourceLimits> limits) {
        return during(() -> backend().start(command, limits));
    }

    @Override
    public CompletableFuture<SandboxResult> onEnd() {
        return ended ? CompletableFuture.failedFuture(givenBack()) : backend().onEnd();
    }

    @Override
    public ResourceUsage usage() {
        return during(backend()::usage);
    }

    @Override
    public void pause(PausedTime time) {
        during(() -> {
            backend().pause(time);
            return true;
        });
    }

    @Override
    public void resume() {
        during(() -> {
            backend().resume();
            return true;
        });
    }

    @Override
    public Map<Namespace, Long> namespaceIds() {
        return during(backend()::namespaceIds);
    }

    @Override
    public SandboxFiles files() {
        return during(backend()::files);
    }

    @Override
    public Map<SandboxPath, CollectedFiles> collect(List<OutputFiles> wanted) {
        return during(() -> backend().collect(wanted));
    }

    @Override
    public Optional<String> reset() {
        throw new IllegalStateException("the pool resets its sandboxes");
    }

    /// Throws the sandbox away, unless it belongs to somebody else by now.
    @Override
    public void close() {
        if (!ended) {
            session.close();
        }
    }
}
