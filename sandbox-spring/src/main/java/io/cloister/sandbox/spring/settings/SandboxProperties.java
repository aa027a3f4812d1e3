package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.syscall.SyscallProfile;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;
import org.springframework.util.unit.DataSize;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The properties below `sandbox`. What is not set stays as the strict policy has it. A name that
/// is none of these is refused: the policy would be weaker than it reads. Boot cannot tell such
/// names among environment variables and system properties, so there they are ignored.
///
/// @param enabled Whether there are sandboxes at all.
/// @param shutdownTimeout How long the end of the application waits for commands that run and for
///   sessions that are open, before it kills them. Keep it below
///   spring.lifecycle.timeout-per-shutdown-phase.
/// @param probeInterval How long health and the endpoint go on showing what was found on the host,
///   before they look again.
/// @param budget What all sandboxes together may promise.
/// @param defaults What every profile starts from, unless it has a policy of its own.
/// @param profiles The sandboxes by name; each takes the same properties as sandbox.defaults.
///   Without any there is one, default, with the strict policy.
@ConfigurationProperties(prefix = "sandbox", ignoreUnknownFields = false)
public record SandboxProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("20s") Duration shutdownTimeout,
        @DefaultValue("1m") Duration probeInterval,
        @Nullable Budget budget,
        @DefaultValue Profile defaults,
        @DefaultValue Map<String, Profile> profiles) {

    /// Copies.
    public SandboxProperties {
        profiles = Collections.unmodifiableMap(new LinkedHashMap<>(profiles));
    }

    /// What all sandboxes together may promise; see [io.cloister.sandbox.ResourceBudget].
    ///
    /// @param memory Memory limits of all runs together.
    /// @param cpus Processors of all runs together; a run without such a limit counts as one.
    /// @param sandboxes How many runs and sessions there are at one time.
    /// @param queueTimeout How long a run waits for room; 0 refuses it at once.
    /// @param queueLength How many runs wait at one time.
    public record Budget(
            @Nullable DataSize memory,
            @Nullable Double cpus,
            @Nullable Integer sandboxes,
            @Nullable Duration queueTimeout,
            @Nullable Integer queueLength) {}

    /// Sandboxes that are set up ahead; see [io.cloister.sandbox.SandboxPool].
    ///
    /// @param size How many sandboxes it has, always; one by default, and more while they are
    ///   wanted. A profile has a pool if it has any of these properties.
    /// @param maxSize How many it has at most, while they are wanted; by default as many as size,
    ///   or as there are processors where size is not set.
    /// @param queue How many callers may wait for a sandbox; one more is refused at once.
    /// @param patience How long a caller waits for a sandbox.
    /// @param idleTime How long a sandbox beyond size is kept idle.
    /// @param uses How often a sandbox is leased before it is thrown away.
    /// @param healthCheck How often idle sandboxes are looked at, and thrown away if somebody
    ///   outside has changed them; never by default.
    public record Pool(
            @Nullable Integer size,
            @Nullable Integer maxSize,
            @Nullable Integer queue,
            @Nullable Duration patience,
            @Nullable Duration idleTime,
            @Nullable Integer uses,
            @Nullable Duration healthCheck) {}

    /// One policy.
    ///
    /// @param preset What it starts from: strict, or the strict policy with the system calls of a
    ///   judge, of a plugin or of a build. Not together with a policy.
    /// @param policy A whole policy as JSON to start from, in place of the strict one and of
    ///   sandbox.defaults; such as classpath:policy.json.
    /// @param syscalls Which system calls are open, by the name of a profile; over that of the
    ///   preset or of the policy.
    /// @param isolation What keeps it apart from the host: namespaces, the weaker confined tier, or
    ///   that where namespaces cannot be had.
    /// @param memoryLimit Memory of all processes together; the run ends where they reach it.
    /// @param memoryHigh Memory above which the processes are slowed down.
    /// @param swapLimit Swap of all processes together.
    /// @param pidsLimit Processes and threads at one time.
    /// @param cpus Processors that it may keep busy; 0.5 is half of one.
    /// @param cpuset Processors that it may run on, such as 0-3,6.
    /// @param cpuWeight Its share of the processors among those that want them, 1 to 10000.
    /// @param ioWeight Its share of block devices among those that want them, 1 to 10000.
    /// @param cpuTimeLimit Processor time of all processes together.
    /// @param wallTimeLimit Time from the start of a command to its end.
    /// @param idleLimit Time without output and without use of a processor.
    /// @param extraTime Time after a limit in which a command may still end by itself.
    /// @param outputLimit Bytes on each of standard output and standard error.
    /// @param unlimited Limits of the strict policy that are taken away.
    /// @param bestEffort Limits that are kept as far as the host can, in place of a refusal to
    ///   start.
    /// @param rlimits Limits of each process by their names of setrlimit(2), such as nofile.
    /// @param scratchSize Bytes of the writable places in memory together, such as /tmp.
    /// @param scratchFiles Files of the writable places in memory together.
    /// @param root A directory of the host that is the root of its files, read-only, in place of
    ///   the host's programs and libraries.
    /// @param readOnly Files and directories of the host that it may read: SOURCE, or
    ///   SOURCE:DESTINATION.
    /// @param writable Files and directories of the host that it may change: SOURCE, or
    ///   SOURCE:DESTINATION.
    /// @param tmpfs Further empty directories in memory, with their sizes; write the names in
    ///   brackets, such as `[/var/tmp]`.
    /// @param environment Environment variables; write names with other than lower-case letters in
    ///   brackets, such as `[LC_ALL]`.
    /// @param workDirectory Directory inside in which commands start.
    /// @param hostName Host name that it sees.
    /// @param user User id that it sees.
    /// @param group Group id that it sees.
    /// @param hostNet Whether it shares the host's network.
    /// @param tcpConnect TCP ports that it may connect to, and no others, none if it is empty;
    ///   needs Landlock of Linux 6.7.
    /// @param tcpBind TCP ports that it may bind, and no others, none if it is empty; needs
    ///   Landlock of Linux 6.7.
    /// @param harden Further hardenings of its processes.
    /// @param traceEnvironment Whether commands get the ids of the current trace as environment
    ///   variables, such as TRACEPARENT.
    /// @param pool Sandboxes that are set up ahead.
    public record Profile(
            @Nullable Preset preset,
            @Nullable Resource policy,
            @Nullable SyscallProfile syscalls,
            @Nullable Isolation isolation,
            @Nullable DataSize memoryLimit,
            @Nullable DataSize memoryHigh,
            @Nullable DataSize swapLimit,
            @Nullable Long pidsLimit,
            @Nullable Double cpus,
            @Nullable String cpuset,
            @Nullable Integer cpuWeight,
            @Nullable Integer ioWeight,
            @Nullable Duration cpuTimeLimit,
            @Nullable Duration wallTimeLimit,
            @Nullable Duration idleLimit,
            @Nullable Duration extraTime,
            @Nullable DataSize outputLimit,
            @DefaultValue List<Unlimited> unlimited,
            @DefaultValue List<LimitItem> bestEffort,
            @DefaultValue Map<Rlimit, Long> rlimits,
            @Nullable DataSize scratchSize,
            @Nullable Long scratchFiles,
            @Nullable Path root,
            @DefaultValue List<String> readOnly,
            @DefaultValue List<String> writable,
            @DefaultValue Map<String, DataSize> tmpfs,
            @DefaultValue Map<String, String> environment,
            @Nullable String workDirectory,
            @Nullable String hostName,
            @Nullable Integer user,
            @Nullable Integer group,
            @Nullable Boolean hostNet,
            @Nullable List<Integer> tcpConnect,
            @Nullable List<Integer> tcpBind,
            @DefaultValue List<Hardening> harden,
            @Nullable Boolean traceEnvironment,
            @Nullable Pool pool) {}
}
