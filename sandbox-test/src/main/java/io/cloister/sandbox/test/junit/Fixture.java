package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.test.fake.FakeSandbox;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ParameterResolutionException;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// What one test, or one class, has. Each thing is made when it is first asked for, and all of it
/// is closed in the opposite order. Thread-safe.
final class Fixture implements AutoCloseable {
    private final Settings settings;
    private final Optional<FakeSandbox> fake;
    private final WatchedProvider provider;
    private final Deque<Runnable> made = new ArrayDeque<>();
    private @Nullable Sandbox sandbox;
    private @Nullable SandboxSession session;
    private SandboxPool.@Nullable Lease lease;

    Fixture(Settings settings) {
        this.settings = settings;
        fake =
                settings.annotation().fake()
                        ? Optional.of(FakeSandbox.builder().build())
                        : Optional.empty();
        provider =
                new WatchedProvider(fake.map(FakeSandbox::provider).orElseGet(Sandboxes::provider));
        made.push(provider::close);
    }

    WatchedProvider provider() {
        return provider;
    }

    /// A thing of a type that a test may ask for.
    synchronized Object get(Class<?> type) throws InterruptedException {
        if (type == Sandbox.Builder.class) {
            return settings.builder().provider(provider);
        }
        if (type == Sandbox.class) {
            return sandbox();
        }
        if (type == SandboxSession.class) {
            return session();
        }
        if (type == SandboxPool.Lease.class) {
            return lease();
        }
        return fake.orElseThrow(() ->
                new ParameterResolutionException(
                        "there is no FakeSandbox without @SandboxTest(fake = true)"));
    }

    private Sandbox sandbox() {
        if (sandbox == null) {
            sandbox = settings.builder().provider(provider).build();
            made.push(sandbox::close);
        }
        return sandbox;
    }

    private SandboxSession session() {
        if (session == null) {
            session = sandbox().open();
            made.push(session::close);
        }
        return session;
    }

    private SandboxPool.Lease lease() throws InterruptedException {
        if (lease == null) {
            SandboxPool pool = SandboxPool.of(sandbox()).size(1).build();
            made.push(pool::close);
            lease = pool.lease();
            made.push(lease::close);
        }
        return lease;
    }

    @Override
    public synchronized void close() {
        RuntimeException problem = null;
        while (!made.isEmpty()) {
            try {
                made.pop().run();
            } catch (RuntimeException e) {
                if (problem == null) {
                    problem = e;
                } else {
                    problem.addSuppressed(e);
                }
            }
        }
        if (problem != null) {
            throw problem;
        }
    }
}
