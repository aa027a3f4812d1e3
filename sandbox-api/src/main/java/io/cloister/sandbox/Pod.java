package io.cloister.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Sandboxes that share a network, System V IPC objects and a host name, and nothing else: each has
/// processes, files, users, control groups and limits of its own.
///
/// {@snippet :
/// try (Pod pod = Pod.builder().hostName("shop").build()) {
///     Sandbox database = pod.sandbox(Sandbox.builder());
///     Sandbox web =
///             pod.sandbox(
///                     Sandbox.builder()
///                             .memoryLimit(Bytes.mebibytes(64))
///                             .bestEffort(LimitItem.MEMORY)); // for hosts without control groups
///     database.start(Command.of("redis-server"));
///     web.run("redis-cli", "-h", "127.0.0.1", "ping");
/// }
/// }
///
/// Members reach each other over `127.0.0.1`; from outside, from the host too, nobody reaches them,
/// and they reach nobody. What is shared belongs to a session that runs no command, so no member
/// can change it, and each may come and go. Thread-safe; whoever made it closes it.
public final class Pod implements AutoCloseable {

    private final Sandbox holder;
    private final SandboxSession session;
    private final List<Sandbox> members = new ArrayList<>();
    private boolean closed;

    private Pod(Sandbox holder, SandboxSession session) {
        this.holder = holder;
        this.session = session;
    }

    /// {@return a builder}
    public static Builder builder() {
        return new Builder();
    }

    /// Makes a member. The builder is given what the pod shares, as by [Sandbox.Builder#joinNet],
    /// [Sandbox.Builder#joinIpc] and [Sandbox.Builder#joinUts].
    ///
    /// @param member the policy of the member
    /// @return the member; it is closed with the pod, and may be before
    /// @throws IllegalArgumentException if the policy excludes these, by `hostNet()` for example
    /// @throws IllegalStateException if the pod is closed, or what holds it has ended
    public Sandbox sandbox(Sandbox.Builder member) {
        Objects.requireNonNull(member, "member");
        synchronized (this) {
            checkOpen();
            Sandbox made = member.joinPod(session).build();
            members.add(made);
            return made;
        }
    }

    /// The namespaces that members share, and those of the session that holds them: see
    /// [SandboxSession#namespaceIds()].
    ///
    /// @return the inode number of each
    /// @throws IllegalStateException if the pod is closed
    public Map<Namespace, Long> namespaceIds() {
        return session.namespaceIds();
    }

    private void checkOpen() {
        if (closed || !session.isOpen()) {
            throw new IllegalStateException(
                    closed ? "the pod is closed" : "the session that holds the pod has ended");
        }
    }

    /// Closes all members, which kills what runs in them, and gives up what they shared. Closing
    /// again does nothing.
    @Override
    public synchronized void close() {
        closed = true;
        try (holder;
                session) {
            while (!members.isEmpty()) {
                members.removeLast().close();
            }
        }
    }

    /// Collects what a pod is. Not thread-safe.
    public static final class Builder {

        private String hostName = "pod";

        private Builder() {}

        /// Sets the host name that all members see; see [Sandbox.Builder#hostName(String)]. The
        /// default is `pod`.
        ///
        /// @param name the name
        /// @return this builder
        public Builder hostName(String name) {
            hostName = Checks.hostName("hostName", name);
            return this;
        }

        /// {@return the pod, with no member yet}
        ///
        /// @throws SandboxUnavailableException if this host has no namespaces to share
        /// @throws SandboxException if it could not be set up
        public Pod build() {
            Sandbox holder = Sandbox.builder().hostName(hostName).build();
            try {
                return new Pod(holder, holder.open());
            } catch (Throwable e) {
                holder.close();
                throw e;
            }
        }
    }
}
