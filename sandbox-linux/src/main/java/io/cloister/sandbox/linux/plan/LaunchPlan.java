package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.mount.MountPlan;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything that the launches of a policy have in common, decided.
///
/// @param newNamespaces the namespaces that are new
/// @param users how users are mapped
/// @param mounts how the tree is built; empty on the host's mount namespace
/// @param hostName the host name to set
/// @param domainName the NIS domain name to set
/// @param clockOffsets the offsets of clocks
/// @param umask the file mode creation mask
/// @param keyring which session keyring the command has
/// @param rlimits the resource limits
/// @param privileges which capabilities and protections the command has
/// @param landlock the domain of the command
public record LaunchPlan(
        Set<Namespace> newNamespaces,
        UserMap users,
        MountPlan mounts,
        Optional<String> hostName,
        Optional<String> domainName,
        Map<SandboxClock, Duration> clockOffsets,
        int umask,
        Keyring keyring,
        List<ResourceLimit> rlimits,
        PrivilegePlan privileges,
        LandlockPlan landlock) {

    /// A resource limit as the kernel takes it.
    ///
    /// @param name for messages
    /// @param resource the kernel's number
    /// @param soft the soft limit; -1 unlimited
    /// @param hard the hard limit; -1 unlimited
    public record ResourceLimit(String name, int resource, long soft, long hard) {}

    /// The plan of a command in a sandbox that was set up by this one.
    ///
    /// @param limits the resource limits of that command
    public LaunchPlan within(List<ResourceLimit> limits) {
        return new LaunchPlan(
                Set.of(),
                new UserMap.Host(),
                MountPlan.NONE,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                umask,
                // That of the sandbox.
                Keyring.NONE,
                limits,
                privileges.unlocked(),
                landlock);
    }

    /// The plan of a launch that begins in a user namespace that somebody else has set up.
    LaunchPlan entered() {
        Set<Namespace> fresh = EnumSet.noneOf(Namespace.class);
        fresh.addAll(newNamespaces);
        fresh.remove(Namespace.USER);
        return new LaunchPlan(
                fresh,
                new UserMap.Host(),
                mounts,
                hostName,
                domainName,
                clockOffsets,
                umask,
                keyring,
                rlimits,
                privileges,
                landlock);
    }

    /// Whether `namespace` is new.
    public boolean isNew(Namespace namespace) {
        return newNamespaces.contains(namespace);
    }

    /// Whether a domain of Landlock stands in for a PID namespace: the first process has one around
    /// that of the command, and a signal of it to everyone reaches those in it alone.
    public boolean isTreeByDomain() {
        return !isNew(Namespace.PID) && landlock.scoped();
    }
}
