package io.cloister.sandbox;

import io.cloister.sandbox.policy.Isolation;

/// What keeps the sandboxes of a [Sandbox.Builder] apart from the host: namespaces, or the
/// *confined* tier, for hosts that give none.
///
/// In the confined tier the command runs among the host's own files, processes and names, behind
/// Landlock (of ABI 6, Linux 6.12), a system-call filter, `no_new_privs` and its limits:
///
/// - It can open the host's programs and libraries, a few files of `/etc`, the harmless devices,
///   and the paths of the policy, which must be shown where the host has them. Of `/proc` the
///   command's own process sees its `/proc/self`; what it starts, such as a program that a shell
///   runs, sees nothing of it.
/// - It can write to a private directory that is made for the run and removed after it, and to
///   writable paths of the policy. `HOME`, `TMPDIR` and the work directory lead there where they
///   would lead to `/tmp` or `/dev/shm`. How much it writes is not limited.
/// - It has no network at all, not even a loopback device: socket(2) fails with `EAFNOSUPPORT`,
///   bind(2) and connect(2) of a socket that was handed in with `EACCES`.
/// - It cannot signal or trace a process outside, nor use System V IPC or message queues.
/// - Under an ordinary JVM it is the JVM's own user. Calls that change a file's mode, owner or
///   attributes, by its path or by a descriptor, fail with `EPERM` then, since Landlock does not
///   know them; so `chmod`, `cp -p` and linkers do not make a file executable. A rule that allows
///   such a call opens it for all files of the user, if it stands in front of a profile, as that of
///   [io.cloister.sandbox.syscall.SyscallPolicy#allow]; a profile, another list of open calls or a
///   handler does not.
/// - No other rule, profile or handler opens what the tier closes, nor does
///   [io.cloister.sandbox.syscall.SyscallPolicy#unfiltered()].
/// - When it ends, or the JVM does, all its processes are killed, detached ones too.
///
/// It sees what Landlock does not close: whether a path exists, with its size, owner, times, link
/// target and extended attributes, as far as the user may; it can change the times of files that
/// the user owns; and the host's name, control groups, mounts, network connections and clocks.
/// [SandboxResult#enforced()] tells which tier a run had.
///
/// What cannot be kept in it is refused by [Sandbox.Builder#spec()]: another root, mounts other
/// than a path of the host at the same path, scratch limits, `/proc` settings, users, names, clock
/// offsets, capabilities, open TCP ports, and the host's file tree, processes, network or IPC
/// objects.
///
/// @param <B> the builder
public abstract sealed class IsolationBuilder<B extends IsolationBuilder<B>>
        extends NetworkBuilder<B> permits PrivilegesBuilder {

    IsolationBuilder(SpecDraft draft) {
        super(draft);
    }

    /// Requires namespaces: a host that gives none refuses the sandbox. The default.
    ///
    /// @return this builder
    public B requireNamespaces() {
        return isolation(Isolation.NAMESPACES);
    }

    /// Takes the confined tier, which is weaker than namespaces.
    ///
    /// @return this builder
    public B confined() {
        return isolation(Isolation.CONFINED);
    }

    /// Takes namespaces where the host gives them, and else the confined tier, which is weaker.
    /// Which it is to be is found out when the sandbox is built, by launching `true` with its
    /// policy, and holds for all its runs. Only a host that refuses namespaces leads to the
    /// confined tier; a host that has neither refuses the sandbox.
    ///
    /// @return this builder
    public B confinedIfNeeded() {
        return isolation(Isolation.NAMESPACES_OR_CONFINED);
    }

    private B isolation(Isolation isolation) {
        draft.isolation = isolation;
        return self();
    }
}
