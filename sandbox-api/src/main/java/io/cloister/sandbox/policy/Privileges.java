package io.cloister.sandbox.policy;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a command may do that others may not, and what it may not do that others may.
///
/// @param capabilities what it keeps; none by default
/// @param hardenings the protections that were asked for; none by default
public record Privileges(Set<Capability> capabilities, Set<Hardening> hardenings) {

    private static final Privileges NONE = new Privileges(Set.of(), Set.of());

    /// Copies.
    public Privileges {
        Set<Capability> kept = EnumSet.noneOf(Capability.class);
        kept.addAll(capabilities);
        capabilities = Collections.unmodifiableSet(kept);
        Set<Hardening> asked = EnumSet.noneOf(Hardening.class);
        asked.addAll(hardenings);
        hardenings = Collections.unmodifiableSet(asked);
    }

    /// {@return the default: no capability, and no protection beyond those that every sandbox has}
    public static Privileges none() {
        return NONE;
    }

    /// {@return these privileges, and some capabilities more}
    ///
    /// @param more what it keeps as well
    public Privileges keeping(Capability... more) {
        Set<Capability> all = EnumSet.noneOf(Capability.class);
        all.addAll(capabilities);
        all.addAll(List.of(more));
        return new Privileges(all, hardenings);
    }

    /// {@return these privileges, and some protections more}
    ///
    /// @param more what it gets as well
    public Privileges hardened(Hardening... more) {
        Set<Hardening> all = EnumSet.noneOf(Hardening.class);
        all.addAll(hardenings);
        all.addAll(List.of(more));
        return new Privileges(capabilities, all);
    }
}
