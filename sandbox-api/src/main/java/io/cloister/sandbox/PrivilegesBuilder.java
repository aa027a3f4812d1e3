package io.cloister.sandbox;

import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;

/// What the program of a [Sandbox.Builder] may do that others may not, and the other way round.
///
/// @param <B> the builder
public abstract sealed class PrivilegesBuilder<B extends PrivilegesBuilder<B>>
        extends IsolationBuilder<B> permits SharingBuilder {

    PrivilegesBuilder(SpecDraft draft) {
        super(draft);
    }

    /// Lets the command keep capabilities, which it otherwise has none of. Repeated calls add up.
    ///
    /// - **What it sees:** exactly these in its permitted, effective, inheritable, ambient and
    ///   bounding set, whatever its user. Every program it executes has them too; none gains
    ///   another, not even as user 0 or by a set-user-ID file, and a change of user takes none
    ///   away. A program gives them up with capset(2). With [Sandbox.Builder#hostMount()] a file
    ///   that has capabilities of its own, such as `ping` in some distributions, takes them away
    ///   (capabilities(7)), or fails with `EPERM` where it needs one that is not kept.
    /// - **Where they count:** in the sandbox's own user namespace, and over what belongs to that:
    ///   its network, mounts, names and mapped users. On the host, and over what the sandbox shares
    ///   with it ([Sandbox.Builder#hostNet()] and the like), they count for nothing.
    /// - **Danger:** each opens code of the kernel that is closed without it, and where exploits
    ///   have been found. [Capability#SYS_ADMIN] and [Capability#NET_ADMIN] open very much of it.
    ///   The system call filter still closes its calls: with
    ///   [io.cloister.sandbox.syscall.SyscallPolicy#standard()] `mount`, `unshare`, `bpf` and
    ///   others fail as they do without the capability. With an open filter, [Capability#SYS_ADMIN]
    ///   can uncover what is hidden in `/proc`, and [Capability#SYS_CHROOT] takes away one of the
    ///   locks on nested user namespaces.
    /// - **Default:** none.
    ///
    /// Excludes [Sandbox.Builder#hostUser()], where they would be the host's own. Source:
    /// capabilities(7).
    ///
    /// @param capabilities what to keep
    /// @return this builder
    public B keepCapabilities(Capability... capabilities) {
        draft.privileges = draft.privileges.keeping(capabilities);
        return self();
    }

    /// Adds protections that cost something. Repeated calls add up. By default there are none of
    /// these.
    ///
    /// - **What the program sees:** see [Hardening]. With [Hardening#DENY_WRITE_EXECUTE] `mmap` and
    ///   `mprotect` fail with `EACCES`; the others change its speed alone.
    /// - **For whom:** the command and all processes that come of it.
    /// - **Where the host has not got it:** [Sandbox.Builder#build()] refuses with
    ///   [SandboxUnavailableException], but for what [Hardening#MITIGATE_SPECULATION] says.
    ///
    /// @param hardenings the protections
    /// @return this builder
    public B harden(Hardening... hardenings) {
        draft.privileges = draft.privileges.hardened(hardenings);
        return self();
    }
}
