package io.cloister.sandbox;

import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.Privileges;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a [Sandbox.Builder] has collected so far. Each part has been checked by itself.
final class SpecDraft {
    final Set<Namespace> namespaces = EnumSet.noneOf(Namespace.class);
    FilesystemPolicy filesystem = FilesystemPolicy.standard();
    int uid = Identity.DEFAULT_ID;
    int gid = Identity.DEFAULT_ID;
    List<Integer> groups = List.of();
    final List<IdRange> uidMap = new ArrayList<>();
    final List<IdRange> gidMap = new ArrayList<>();

    /// The name that was asked for; null for the default one.
    @Nullable String hostName;

    @Nullable String domainName;
    final Map<SandboxClock, Duration> clockOffsets = new EnumMap<>(SandboxClock.class);
    int umask = SandboxSpec.DEFAULT_UMASK;
    final Map<String, String> environment = new LinkedHashMap<>();
    String workDirectory = SandboxSpec.DEFAULT_WORK_DIRECTORY;
    ResourceLimits limits = ResourceLimits.standard();
    SyscallPolicy syscalls = SyscallPolicy.standard();
    Privileges privileges = Privileges.none();
    NetworkPolicy network = NetworkPolicy.allPorts();
    Isolation isolation = Isolation.NAMESPACES;

    private SpecDraft() {}

    /// The strictest policy.
    static SpecDraft strict() {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.addAll(EnumSet.allOf(Namespace.class));
        draft.environment.put(
                "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin");
        draft.environment.put("HOME", "/tmp");
        draft.environment.put("LANG", "C.UTF-8");
        return draft;
    }

    static SpecDraft of(SandboxSpec spec) {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.addAll(spec.newNamespaces());
        draft.filesystem = spec.filesystem();
        draft.uid = spec.identity().uid();
        draft.gid = spec.identity().gid();
        draft.groups = spec.identity().groups();
        draft.uidMap.addAll(spec.identity().uidMap());
        draft.gidMap.addAll(spec.identity().gidMap());
        draft.hostName =
                spec.hostName()
                        .filter(name -> !name.equals(SandboxSpec.DEFAULT_HOST_NAME))
                        .orElse(null);
        draft.domainName = spec.domainName().orElse(null);
        draft.clockOffsets.putAll(spec.clockOffsets());
        draft.umask = spec.umask();
        draft.environment.putAll(spec.environment());
        draft.workDirectory = spec.workDirectory();
        draft.limits = spec.limits();
        draft.syscalls = spec.syscalls();
        draft.privileges = spec.privileges();
        draft.network = spec.network();
        draft.isolation = spec.isolation();
        return draft;
    }

    /// The policy, whose parts are checked together.
    ///
    /// @param asking its system calls, with the JVM asked where there are handlers
    SandboxSpec spec(SyscallPolicy asking) {
        Optional<String> defaultName =
                Optional.of(SandboxSpec.DEFAULT_HOST_NAME)
                        .filter(name -> namespaces.contains(Namespace.UTS));
        return new SandboxSpec(
                namespaces,
                filesystem,
                new Identity(uid, gid, groups, uidMap, gidMap),
                Optional.ofNullable(hostName).or(() -> defaultName),
                Optional.ofNullable(domainName),
                clockOffsets,
                umask,
                environment,
                workDirectory,
                limits,
                asking,
                privileges,
                network,
                isolation);
    }
}
