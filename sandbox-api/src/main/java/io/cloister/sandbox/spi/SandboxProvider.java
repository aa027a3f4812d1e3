package io.cloister.sandbox.spi;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostTerminal;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.util.List;
import java.util.Optional;

/// Makes sandboxes on one kind of system.
///
/// An implementation has a public constructor without parameters, which must be cheap and never
/// fail. One instance serves all sandboxes of the program and is thread-safe.
public interface SandboxProvider {

    /// {@return a short name for logs, for example `linux`}
    String name();

    /// {@return whether this provider is for the system it runs on} The first one that says so is
    /// used.
    ///
    /// It must not fail or touch anything that may not exist elsewhere, and should be quick: it is
    /// asked at each lookup.
    boolean isSupported();

    /// Looks at what the host can enforce. It works on every system, and where [#isSupported()] is
    /// false it reports why as a missing required feature.
    ///
    /// @return the report
    HostReport probe();

    /// {@return the terminal that is the JVM's standard input; empty if that is none, or the
    /// provider has nothing to do with terminals}
    default Optional<HostTerminal> hostTerminal() {
        return Optional.empty();
    }

    /// Prepares for runs under a policy. Called for each [io.cloister.sandbox.Sandbox].
    ///
    /// @param spec a checked policy
    /// @param handlers who answers the system calls that the policy asks the JVM about; each of
    ///   those has a handler
    /// @return what runs commands under that policy
    /// @throws io.cloister.sandbox.SandboxUnavailableException if the host cannot enforce all of it
    SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers);

    /// As [#open(SandboxSpec, SyscallHandlers)], for sandboxes that enter namespaces of a session.
    ///
    /// @param spec a checked policy, in which the namespaces that are joined are new
    /// @param handlers who answers system calls
    /// @param joined what is joined; the session may have ended
    /// @return what runs commands under that policy
    /// @throws IllegalArgumentException if the session has not got the namespaces to itself
    /// @throws SandboxUnavailableException if that cannot be done here
    default SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers, Joined joined) {
        throw new SandboxUnavailableException(
                "the provider " + name() + " lets no sandbox join another",
                "joining namespaces",
                "leave " + joined.namespaces() + " out");
    }

    /// Makes the pipes of a pipeline. Called for each start of a [io.cloister.sandbox.Pipeline].
    ///
    /// @param stages the names of the stages, for people
    /// @param edges the pipes
    /// @param observer is told what goes over relayed ones
    /// @param standstills whether [Plumbing#standstill()] will be asked
    /// @return the pipes
    /// @throws io.cloister.sandbox.SandboxUnavailableException if this host cannot do that
    default Plumbing plumb(
            List<String> stages,
            List<Plumbing.Edge> edges,
            Plumbing.Observer observer,
            boolean standstills) {
        throw new SandboxUnavailableException(
                "the provider " + name() + " has no pipelines",
                "pipelines",
                "run the commands one after the other");
    }
}
