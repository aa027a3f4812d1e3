package io.cloister.sandbox.linux.plan;

import java.util.EnumMap;
import java.util.Map;

/// What the kernel lets a process give up or ask for, beyond what every sandbox needs. Answers of
/// the kernel are its values, or negated error numbers.
///
/// @param mayLock whether the JVM has CAP_SETPCAP, without which it can neither empty a bounding
///   set nor set securebits; in a user namespace of its own every sandbox has it
/// @param writeExecute the answer to `PR_GET_MDWE`
/// @param speculation the answers to `PR_GET_SPECULATION_CTRL`
/// @param sharedCores whether a core may run two threads at once
/// @param coreScheduling the answer to `PR_SCHED_CORE_GET`
public record ProcessControls(
        boolean mayLock,
        long writeExecute,
        Map<SpeculationKind, Long> speculation,
        boolean sharedCores,
        long coreScheduling) {

    /// Copies the map.
    public ProcessControls {
        speculation = Map.copyOf(new EnumMap<>(speculation));
    }

    /// What can be done about `kind`.
    public SpeculationKind.State state(SpeculationKind kind) {
        return kind.state(speculation.get(kind), sharedCores);
    }
}
