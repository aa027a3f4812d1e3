package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.plan.Sharing;
import io.cloister.sandbox.spi.Joined;

/// A session that the sandboxes of a policy join.
///
/// @param session the session
/// @param sharing what of it
record Joining(LinuxSession session, Sharing sharing) {

    /// @throws IllegalArgumentException if what is to be joined is the host's there
    static Joining of(Joined joined) {
        if (!(joined.session() instanceof LinuxSession session)) {
            throw new IllegalArgumentException(
                    "the session to join is of another provider than this sandbox; open it by a"
                            + " Sandbox of the same one");
        }
        return new Joining(session, session.sharing(joined.namespaces(), joined.tracing()));
    }

    /// How a launcher gets in.
    ///
    /// @param doors those of the session
    /// @param privileged whether the JVM is
    Entry entry(SessionDoors doors, boolean privileged) {
        return Entry.plan(sharing.namespaces(), sharing.tracing(), privileged, doors.isBelow());
    }
}
