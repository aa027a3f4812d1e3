package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.linux.mount.MountStep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything that a launch does, decided.
///
/// @param newNamespaces the namespaces that are new
/// @param users how users are mapped
/// @param mounts how the tree is built; empty on the host's mount namespace
/// @param hostName the host name to set
/// @param domainName the NIS domain name to set
/// @param clockOffsets the offsets of clocks
/// @param umask the file mode creation mask
/// @param keyring whether to join a session keyring of its own
/// @param rlimits the resource limits
/// @param execution the command
public record LaunchPlan(
        Set<Namespace> newNamespaces,
        UserMap users,
        List<MountStep> mounts,
        Optional<String> hostName,
        Optional<String> domainName,
        Map<SandboxClock, Duration> clockOffsets,
        int umask,
        boolean keyring,
        List<ResourceLimit> rlimits,
        Execution execution) {

    /// A resource limit as the kernel takes it.
    ///
    /// @param name for messages
    /// @param resource the kernel's number
    /// @param soft the soft limit; -1 unlimited
    /// @param hard the hard limit; -1 unlimited
    public record ResourceLimit(String name, int resource, long soft, long hard) {}

    /// What is executed.
    ///
    /// @param program the program as the caller named it
    /// @param candidates the paths to try in turn
    /// @param arguments the arguments, the first being the program's own name
    /// @param environment `NAME=value`
    /// @param workDirectory where it starts
    /// @param descriptors the numbers of further descriptors, which stand behind the standard three
    public record Execution(
            String program,
            List<String> candidates,
            List<String> arguments,
            List<String> environment,
            String workDirectory,
            List<Integer> descriptors) {}

    /// Whether `namespace` is new.
    public boolean isNew(Namespace namespace) {
        return newNamespaces.contains(namespace);
    }
}
