package io.cloister.sandbox;

/// What the sandboxes of a [Sandbox.Builder] share with a live session.
///
/// Each is a namespace of the session that the sandbox enters instead of having one of its own; a
/// sandbox joins one session. Its own user namespace lies beside that of the session, so that no
/// capability of either counts in the other. It starts while the session is open, and ends with the
/// session at the latest: its outcome is [Outcome.Cancelled] then. With a session that has ended,
/// [Sandbox.Builder#build()] fails with an [IllegalStateException], and with one that ended later,
/// a start does. The session of a lease of a [SandboxPool] cannot be joined.
///
/// The session is a live thing and no part of the policy. In [Sandbox#spec()], and in JSON, such a
/// namespace is a new one: whoever reads the policy back gets a sandbox that shares nothing, never
/// one that shares the host's. [Sandbox#explain(Command)] and [SandboxResult#enforced()] tell what
/// is joined.
///
/// An ordinary JVM can join sessions that have a user namespace of the usual kind; a session with
/// kept capabilities, ranges of users or a namespace of the host is refused with
/// [SandboxUnavailableException]. The session must not have `hostX()` for what is joined. Source:
/// setns(2), namespaces(7).
///
/// @param <B> the builder
public abstract sealed class SharingBuilder<B extends SharingBuilder<B>>
        extends PrivilegesBuilder<B> permits Sandbox.Builder {

    final Joins joins;

    SharingBuilder(SpecDraft draft, Joins joins) {
        super(draft);
        this.joins = joins;
    }

    /// Shares the network of a session: what one binds on its loopback device the other reaches,
    /// and nobody else. Ports, devices and packet counters are common; abstract sockets are where
    /// the kernel has no Landlock of ABI 6 (Linux 6.12). Excludes [Sandbox.Builder#hostNet()].
    ///
    /// @param other the session
    /// @return this builder
    public B joinNet(SandboxSession other) {
        return join(Namespace.NET, other);
    }

    /// Shares the System V IPC objects of a session. Under a privileged JVM each of the two is a
    /// host user of its own, for whom the other's objects are those of a stranger: what is to be
    /// shared needs mode 0666. Message queues of POSIX cannot be mounted, and `/dev/shm` is a file
    /// system, which each has for itself. Excludes [Sandbox.Builder#hostIpc()].
    ///
    /// @param other the session
    /// @return this builder
    public B joinIpc(SandboxSession other) {
        return join(Namespace.IPC, other);
    }

    /// Shows the host name and domain name of a session, which cannot be changed. Excludes
    /// [Sandbox.Builder#hostUts()], [Sandbox.Builder#hostName(String)] and
    /// [Sandbox.Builder#domainName(String)].
    ///
    /// @param other the session
    /// @return this builder
    public B joinUts(SandboxSession other) {
        return join(Namespace.UTS, other);
    }

    /// Puts the sandbox among the processes of a session: each sees the other's, with command
    /// lines, in `/proc`.
    ///
    /// - **Not open:** memory, environment, files and root directory of the other's processes, and
    ///   ptrace(2): `EPERM`, `EACCES`, unless [#mayTrace()] asks for it.
    /// - **Signals:** refused where the kernel has Landlock of ABI 6 (Linux 6.12), and under a
    ///   privileged JVM; else the two can signal each other. The session's first process cannot be
    ///   ended by either.
    /// - **Not possible:** [Sandbox#open()], since the sandbox has no processes of its own; nor
    ///   `proc(PROCESSES_ONLY)`.
    ///
    /// Excludes [Sandbox.Builder#hostPid()].
    ///
    /// @param other the session
    /// @return this builder
    public B joinPid(SandboxSession other) {
        return join(Namespace.PID, other);
    }

    /// Lets the program trace the processes of the session that [#joinPid] names: debuggers,
    /// `strace` and profilers.
    ///
    /// - **What it takes:** the user namespace and the users of the session, CAP_SYS_PTRACE there,
    ///   ptrace(2) and process_vm_readv(2) in the filter, and no Landlock, whose domains may trace
    ///   nobody outside.
    /// - **What it opens:** everything that the commands of the session may do: who traces a
    ///   process is that process, and may enter its root directory through `/proc`. It may signal
    ///   them too.
    /// - **Not open:** the processes that supervise the session and its commands. They are
    ///   undumpable, to the kernel those of the host's user namespace.
    /// - **The other way round:** the session can trace nothing of this sandbox.
    ///
    /// Excludes users, clock offsets and closed ports. The policy has the capability and the open
    /// calls thereafter. Source: ptrace(2), capabilities(7).
    ///
    /// @return this builder
    public B mayTrace() {
        joins.trace();
        return self();
    }

    /// Joins what a pod shares, for [Pod#sandbox(Sandbox.Builder)].
    B joinPod(SandboxSession holder) {
        joins.joinPod(holder);
        return self();
    }

    private B join(Namespace namespace, SandboxSession other) {
        joins.join(namespace, other);
        return self();
    }
}
