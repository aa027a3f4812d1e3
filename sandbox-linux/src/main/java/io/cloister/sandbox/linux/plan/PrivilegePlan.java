package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.policy.Capability;

import java.util.List;

/// What a command may do that others may not, and the other way round, decided.
///
/// @param kept the capabilities that it keeps, in the order of their numbers
/// @param locked whether the bounding set is emptied but for these, and securebits are set
/// @param denyWriteExecute whether memory is never writable and executable
/// @param speculation the kinds of speculation that it is protected from
/// @param ownCore whether no other program may share a core with it
public record PrivilegePlan(
        List<Capability> kept,
        boolean locked,
        boolean denyWriteExecute,
        List<SpeculationKind> speculation,
        boolean ownCore) {

    /// The same, where bounding set and securebits are as they have to be already.
    public PrivilegePlan unlocked() {
        return new PrivilegePlan(kept, false, denyWriteExecute, speculation, ownCore);
    }

    /// Copies the lists.
    public PrivilegePlan {
        kept = List.copyOf(kept);
        speculation = List.copyOf(speculation);
    }
}
