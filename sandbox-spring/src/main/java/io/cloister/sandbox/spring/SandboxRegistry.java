package io.cloister.sandbox.spring;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The sandboxes of an application by the names of their profiles, with their pools.
///
/// Each is also a bean: `@Qualifier("judge") Sandbox`, `@Qualifier("judge") SandboxPool`.
/// Thread-safe; the application context closes it, and with it all sandboxes and pools.
public final class SandboxRegistry implements AutoCloseable {

    /// The profile whose sandbox is injected where none is named.
    public static final String DEFAULT = "default";

    private static final Logger LOG = LoggerFactory.getLogger(SandboxRegistry.class);
    private static final long SECONDS_FOR_POOLS = 5;

    private final Map<String, Sandbox> sandboxes;
    private final Map<String, SandboxPool> pools;
    private final Map<String, CompletableFuture<Void>> closings = new LinkedHashMap<>();
    private final Object closing = new Object();
    private boolean closed;

    /// Takes over sandboxes and pools.
    ///
    /// @param sandboxes by the names of their profiles
    /// @param pools of some of them, by the same names
    /// @throws IllegalArgumentException if there is a pool without a sandbox
    public SandboxRegistry(Map<String, Sandbox> sandboxes, Map<String, SandboxPool> pools) {
        this.sandboxes = Collections.unmodifiableMap(new LinkedHashMap<>(sandboxes));
        this.pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
        for (String name : pools.keySet()) {
            if (!sandboxes.containsKey(name)) {
                throw new IllegalArgumentException(
                        "the pool %s must have a sandbox of the same name, there are %s"
                                .formatted(name, sandboxes.keySet()));
            }
        }
    }

    /// {@return the sandbox of a profile}
    ///
    /// @param profile its name
    /// @throws NoSuchElementException if there is no such profile
    public Sandbox sandbox(String profile) {
        return find(profile).orElseThrow(() -> missing("profile", profile, sandboxes));
    }

    /// {@return the sandbox of a profile, if there is one of that name}
    ///
    /// @param profile its name
    public Optional<Sandbox> find(String profile) {
        return Optional.ofNullable(sandboxes.get(profile));
    }

    /// {@return the pool of a profile}
    ///
    /// @param profile its name
    /// @throws NoSuchElementException if there is no such profile, or it has no pool
    public SandboxPool pool(String profile) {
        return Optional.ofNullable(pools.get(profile))
                .orElseThrow(() -> missing("pool of a profile", profile, pools));
    }

    private static NoSuchElementException missing(String what, String name, Map<String, ?> known) {
        return new NoSuchElementException(
                "there is no %s named %s, but %s; see sandbox.profiles.%s"
                        .formatted(what, name, known.keySet(), name));
    }

    /// {@return all sandboxes by the names of their profiles, in the order of the properties}
    public Map<String, Sandbox> sandboxes() {
        return sandboxes;
    }

    /// {@return all pools by the names of their profiles}
    public Map<String, SandboxPool> pools() {
        return pools;
    }

    /// Takes no more runs and leases; see [Sandbox#shutdown()]. What runs goes on, and pools wait
    /// for their leases.
    ///
    /// @return completes when all leases have been given back
    public synchronized CompletableFuture<Void> shutdown() {
        sandboxes.values().forEach(Sandbox::shutdown);
        pools.forEach((name, pool) ->
                closings.computeIfAbsent(
                        name,
                        _ -> CompletableFuture.runAsync(pool::close, Thread::startVirtualThread)));
        return CompletableFuture.allOf(closings.values().toArray(CompletableFuture[]::new));
    }

    /// Kills all that runs in the sandboxes and returns when it is dead. Closing again does
    /// nothing.
    @Override
    public void close() {
        synchronized (closing) {
            if (!closed) {
                closeAll();
                closed = true;
            }
        }
    }

    private void closeAll() {
        CompletableFuture<Void> leases = shutdown();
        List<RuntimeException> problems = new ArrayList<>();
        sandboxes.forEach((name, sandbox) -> {
            try {
                sandbox.close();
            } catch (RuntimeException e) {
                problems.add(e);
            }
        });
        awaitPools(leases);
        if (!problems.isEmpty()) {
            RuntimeException first = problems.removeFirst();
            problems.forEach(first::addSuppressed);
            throw first;
        }
    }

    /// Their sandboxes are dead; what is missing is that whoever has a lease gives it back.
    private void awaitPools(CompletableFuture<Void> leases) {
        leases.completeOnTimeout(null, SECONDS_FOR_POOLS, TimeUnit.SECONDS)
                .exceptionally(problem -> {
                    LOG.warn("a pool could not be closed", problem);
                    return null;
                })
                .join();
        synchronized (this) {
            closings.forEach((name, closing) -> {
                if (!closing.isDone()) {
                    LOG.warn(
                            "leases of the pool {} have not been given back; their sandboxes are"
                                    + " closed: {}",
                            name,
                            pools.get(name));
                }
            });
        }
    }

    /// The names of the profiles.
    @Override
    public String toString() {
        return "SandboxRegistry[sandboxes=%s, pools=%s]"
                .formatted(sandboxes.keySet(), pools.keySet());
    }
}
