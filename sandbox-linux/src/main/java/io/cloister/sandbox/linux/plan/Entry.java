package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxUnavailableException;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// How a launcher gets into the namespaces of a session, so that what it clones is born there.
///
/// A launcher never has to be of the session's user namespace, where its capabilities would count
/// against processes that it is to be kept apart from: it enters from above. A privileged one does
/// so as it is, and becomes the user of its sandboxes then. An ordinary one first enters the user
/// namespace that lies between the host's and the session's, which is that of the launcher that
/// made the session, and of the same user. From there each sandbox makes a user namespace of its
/// own, beside the session's. Only who is to trace the session's processes enters the session's own
/// user namespace, last, since nothing else can be entered from there.
///
/// @param before what is entered while the launcher is still privileged, in this order
/// @param procfs whether `/proc` is to show the processes of the session
/// @param after what is entered when it has become the user of its sandboxes
/// @param hidden whether the launcher, and each process that it makes, is never dumpable: somebody
///   in the user namespace that it enters may have CAP_SYS_PTRACE there. It cannot write user maps
///   then, and need not
public record Entry(List<Door> before, boolean procfs, List<Door> after, boolean hidden) {

    /// Copies.
    public Entry {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /// A namespace, and whose.
    public enum Door {
        /// The user namespace above the session's.
        PARENT_USER(Namespace.USER),
        USER(Namespace.USER),
        NET(Namespace.NET),
        IPC(Namespace.IPC),
        UTS(Namespace.UTS),
        PID(Namespace.PID);

        private final Namespace namespace;

        Door(Namespace namespace) {
            this.namespace = namespace;
        }

        /// The kind.
        public Namespace namespace() {
            return namespace;
        }
    }

    /// The way.
    ///
    /// @param wanted the namespaces to enter
    /// @param privileged whether the JVM is
    /// @param below whether the session's user namespace lies directly below the JVM's
    /// @throws SandboxUnavailableException if there is none
    public static Entry plan(
            Set<Namespace> wanted, boolean tracing, boolean privileged, boolean below) {
        List<Door> before = new ArrayList<>();
        List<Door> after = new ArrayList<>();
        if (!privileged && !below) {
            before.add(Door.PARENT_USER);
        }
        if (!privileged && below) {
            if (!tracing) {
                throw new SandboxUnavailableException(
                        "the namespaces of the session to join belong to a user namespace that an"
                                + " ordinary JVM can only enter whole, which would give up what"
                                + " keeps the two apart",
                        "a privileged JVM",
                        "open the session without keepCapabilities(...), mapUids(...) or a"
                                + " namespace of the host; or run the JVM as root");
            }
            before.add(Door.USER);
        }
        for (Namespace namespace : EnumSet.copyOf(wanted)) {
            before.add(Door.valueOf(namespace.name()));
        }
        if (tracing && !before.contains(Door.USER)) {
            after.add(Door.USER);
        }
        return new Entry(before, wanted.contains(Namespace.PID), after, tracing);
    }

    /// Everything that is entered, in order: so are its descriptors passed.
    public List<Door> doors() {
        List<Door> all = new ArrayList<>(before);
        all.addAll(after);
        return all;
    }
}
