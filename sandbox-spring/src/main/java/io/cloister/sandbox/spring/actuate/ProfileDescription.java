package io.cloister.sandbox.spring.actuate;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A profile as the endpoint tells of it.
///
/// @param policy its policy in short
/// @param active how many commands run, or are about to
/// @param ended how many commands have ended, by outcome
/// @param pool what its pool has; null without one
public record ProfileDescription(
        PolicySummary policy,
        long active,
        Map<String, Long> ended,
        @Nullable PoolDescription pool) {

    static ProfileDescription of(
            SandboxSpec spec, long active, Map<String, Long> ended, @Nullable SandboxPool pool) {
        return new ProfileDescription(
                PolicySummary.of(spec),
                active,
                ended,
                pool == null ? null : PoolDescription.of(pool.statistics()));
    }

    /// A policy in short; a limit that is null is none.
    ///
    /// @param isolation what keeps it apart from the host
    /// @param sharedWithHost the kinds of namespaces that are the host's
    /// @param syscalls which system calls are open
    /// @param memoryBytes memory of all processes of a run
    /// @param pids processes and threads of a run
    /// @param cpus processors of a run
    /// @param cpuTime processor time of a run
    /// @param wallTime time of a run
    /// @param idleTime time of a run without output and use of a processor
    /// @param outputBytes bytes of each output of a run
    /// @param bestEffort limits that are kept as far as the host can
    /// @param environment names of the environment variables
    /// @param workDirectory directory in which commands start
    public record PolicySummary(
            String isolation,
            List<String> sharedWithHost,
            String syscalls,
            @Nullable Long memoryBytes,
            @Nullable Long pids,
            @Nullable Double cpus,
            @Nullable Duration cpuTime,
            @Nullable Duration wallTime,
            @Nullable Duration idleTime,
            @Nullable Long outputBytes,
            List<String> bestEffort,
            List<String> environment,
            String workDirectory) {

        static PolicySummary of(SandboxSpec spec) {
            ResourceLimits limits = spec.limits();
            EnumSet<Namespace> shared = EnumSet.allOf(Namespace.class);
            shared.removeAll(spec.newNamespaces());
            return new PolicySummary(
                    spec.isolation().label(),
                    shared.stream().map(kind -> kind.name().toLowerCase(Locale.ROOT)).toList(),
                    spec.syscalls().toString(),
                    limits.memory().map(Bytes::value).orElse(null),
                    limits.pids().orElse(null),
                    limits.cpus().orElse(null),
                    limits.cpuTime().orElse(null),
                    limits.wallTime().orElse(null),
                    limits.idleTime().orElse(null),
                    limits.output().map(Bytes::value).orElse(null),
                    limits.bestEffort().stream().map(LimitItem::label).toList(),
                    List.copyOf(spec.environment().keySet()),
                    spec.workDirectory());
        }
    }

    /// What a pool has done and has now; see [SandboxPool.Statistics].
    ///
    /// @param idle sandboxes that wait for a lease
    /// @param leased sandboxes that are leased, reset or opened
    /// @param waiting callers that wait for one
    /// @param leases leases so far
    /// @param discarded sandboxes that were not used again
    /// @param lastDiscard why the last one of those was not
    /// @param failedOpenings how often none could be opened
    /// @param meanWaitingTime of callers that found none idle
    /// @param longestWaitingTime of callers that found none idle
    public record PoolDescription(
            int idle,
            int leased,
            int waiting,
            long leases,
            long discarded,
            @Nullable String lastDiscard,
            long failedOpenings,
            Duration meanWaitingTime,
            Duration longestWaitingTime) {

        static PoolDescription of(SandboxPool.Statistics statistics) {
            return new PoolDescription(
                    statistics.idle(),
                    statistics.leased(),
                    statistics.waiting(),
                    statistics.leases(),
                    statistics.discarded(),
                    statistics.lastDiscard().orElse(null),
                    statistics.failedOpenings(),
                    statistics.waitingTime().mean(),
                    statistics.waitingTime().longest());
        }
    }
}
