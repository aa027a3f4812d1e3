package io.cloister.sandbox.spi;

import io.cloister.sandbox.Namespace;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// What a sandbox has in common with a session: a live thing, and so no part of a policy, which
/// says of these namespaces that they are new.
///
/// @param session the session, of the same provider
/// @param namespaces which of its namespaces the sandbox enters; of NET, IPC, UTS and PID at least
///   one
/// @param tracing whether the sandbox enters its user namespace too, so that it may trace processes
///   there; PID is among the namespaces then
public record Joined(SessionBackend session, Set<Namespace> namespaces, boolean tracing) {

    /// Copies.
    public Joined {
        namespaces = Collections.unmodifiableSet(EnumSet.copyOf(namespaces));
    }
}
