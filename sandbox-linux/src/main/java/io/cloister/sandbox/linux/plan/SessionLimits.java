package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which limits of a policy hold for a sandbox that stays, and which for each command in it.
public final class SessionLimits {

    private SessionLimits() {}

    /// What all commands have together, from the opening of the sandbox to its end.
    public static ResourceLimits ofAll(ResourceLimits limits) {
        return new ResourceLimits(
                limits.memory(),
                limits.memoryHigh(),
                limits.swap(),
                limits.pids(),
                limits.cpus(),
                limits.cpuBurst(),
                limits.cpuWeight(),
                limits.cpuset(),
                limits.memoryNodes(),
                limits.ioWeight(),
                limits.io(),
                limits.hugePages(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                limits.rlimits(),
                bestEffort(limits));
    }

    /// What each command has for itself.
    public static ResourceLimits ofEach(ResourceLimits limits) {
        return new ResourceLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of(),
                limits.cpuTime(),
                limits.wallTime(),
                limits.idleTime(),
                limits.extraTime(),
                limits.output(),
                limits.rlimits(),
                bestEffort(limits));
    }

    private static Set<LimitItem> bestEffort(ResourceLimits limits) {
        return limits.bestEffort().isEmpty() ? Set.of() : EnumSet.copyOf(limits.bestEffort());
    }
}
