package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.Controller;

import java.util.Set;

/// Empties a group of version 2, so that it can hand out controllers: one with processes may not
/// (the no-internal-process rule of cgroups(7)).
final class Vacancy {

    private static final int ROUNDS = 20;

    /// Rounds after which processes count as such that resist.
    private static final int PATIENT_ROUNDS = 5;

    private Vacancy() {}

    /// Moves all processes of a group to a leaf, until controllers can be handed out: EBUSY says
    /// that one is left, which was born meanwhile.
    ///
    /// @param resisted called once if they fork faster than they can be moved
    static void make(
            GroupDirectory group,
            GroupDirectory leaf,
            Set<Controller> controllers,
            Runnable resisted) {
        for (int round = 1; ; round++) {
            leaf.admit(group.processes());
            try {
                SlotV2.enable(group, controllers);
                return;
            } catch (CgroupException e) {
                if (e.errno() != Errno.EBUSY.number() || round == ROUNDS) {
                    throw e;
                }
            }
            if (round == PATIENT_ROUNDS) {
                resisted.run();
            }
        }
    }
}
