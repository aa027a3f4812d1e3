package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Which limits of a policy hold for a sandbox that stays, and which for each command in it.
public final class SessionLimits {

    private static final Set<LimitItem> SHARED =
            EnumSet.complementOf(EnumSet.of(LimitItem.CPU_TIME, LimitItem.IDLE_TIME));

    private SessionLimits() {}

    /// What all commands have together, from the opening of the sandbox to its end; the rest is
    /// [ResourceLimits#ofEachCommand()].
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
                limits.bestEffort());
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
}
