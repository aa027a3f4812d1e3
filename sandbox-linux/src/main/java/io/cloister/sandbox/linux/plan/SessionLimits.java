package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import java.util.EnumSet;
import java.util.Set;

/// Which limits of a policy hold for a sandbox that stays, and which for each command in it.
public final class SessionLimits {

    private static final ResourceLimits NONE = ResourceLimits.unlimited();

    private static final Set<LimitItem> SHARED =
            EnumSet.complementOf(EnumSet.of(LimitItem.CPU_TIME, LimitItem.IDLE_TIME));

    private SessionLimits() {}

    /// What all commands have together, from the opening of the sandbox to its end.
    public static ResourceLimits ofAll(ResourceLimits limits) {
        return split(limits, limits, NONE);
    }

    /// What each command has for itself.
    public static ResourceLimits ofEach(ResourceLimits limits) {
        return split(limits, NONE, limits);
    }

    /// @param all what both have
    /// @param shared where what a control group keeps is taken from
    /// @param own where what is watched is taken from
    private static ResourceLimits split(
            ResourceLimits all, ResourceLimits shared, ResourceLimits own) {
        return new ResourceLimits(
                shared.memory(),
                shared.memoryHigh(),
                shared.swap(),
                shared.pids(),
                shared.cpus(),
                shared.cpuBurst(),
                shared.cpuWeight(),
                shared.cpuset(),
                shared.memoryNodes(),
                shared.ioWeight(),
                shared.io(),
                shared.hugePages(),
                own.cpuTime(),
                own.wallTime(),
                own.idleTime(),
                own.extraTime(),
                own.output(),
                all.rlimits(),
                bestEffort(all));
    }

    /// The limits of a command that has one on memory have one on swap as well, that of all
    /// commands together: else its memory would be swapped out instead, until the limits of all are
    /// reached.
    ///
    /// @param command what the command is to have
    /// @param policy what all have
    public static ResourceLimits withSwap(ResourceLimits command, ResourceLimits policy) {
        if (command.memory().isEmpty() || command.swap().isPresent() || policy.swap().isEmpty()) {
            return command;
        }
        ResourceLimits limits = command.swap(policy.swap().get());
        return policy.isRequired(LimitItem.SWAP) ? limits : limits.bestEffort(LimitItem.SWAP);
    }

    /// Whether there is one among them that all processes of a command share, and that a control
    /// group keeps; times are watched.
    public static boolean needGroup(ResourceLimits limits) {
        return SHARED.stream().anyMatch(limits::isSet);
    }

    private static Set<LimitItem> bestEffort(ResourceLimits limits) {
        return limits.bestEffort().isEmpty() ? Set.of() : EnumSet.copyOf(limits.bestEffort());
    }
}
