package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NamespaceCalls;
import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.program.EntryProgram;
import io.cloister.sandbox.linux.program.StatusTag;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// The namespaces of a session for those who join it, opened when the first one does, and the
/// launchers of an ordinary JVM that have entered them. Thread-safe.
final class SessionDoors implements AutoCloseable {

    private final Map<Namespace, Integer> namespaces = new EnumMap<>(Namespace.class);
    private final Map<Entered, Zygote> zygotes = new HashMap<>();
    private int parent = -1;
    private boolean below;
    private boolean closed;

    /// What a launcher has entered.
    private record Entered(Set<Namespace> namespaces, boolean tracing) {}

    /// Opens them, unless they are.
    ///
    /// @param server the session's first process
    /// @param expected the inode number of each, as it was told when the session was set up
    synchronized void open(Zygote server, Map<Namespace, Long> expected) {
        if (closed) {
            throw LinuxSession.joinedHasEnded();
        }
        if (!namespaces.isEmpty()) {
            return;
        }
        List<Integer> received = receive(server);
        try {
            check(received, expected);
            parent = NamespaceCalls.parent(received.getFirst());
            LaunchErrors.check(SetupStep.JOIN, "the user namespace above the session's", parent);
            below = inode(parent) == ownUserNamespace();
        } catch (RuntimeException e) {
            received.forEach(Kernel::close);
            closeParent();
            throw e;
        }
        for (int i = 0; i < received.size(); i++) {
            namespaces.put(EntryProgram.HANDED_OUT.get(i), received.get(i));
        }
    }

    private static List<Integer> receive(Zygote server) {
        try (OneShot exchange =
                OneShot.send(server, EntryProgram.handOut(Kernel.cpu()), List.of())) {
            try {
                Kernel.close(exchange.awaitMade().pidfd());
            } finally {
                server.answered();
            }
            return exchange.await(StatusTag.NAMESPACE_DESCRIPTORS).descriptors();
        } catch (LauncherEndedException e) {
            IllegalStateException ended = LinuxSession.joinedHasEnded();
            ended.initCause(e);
            throw ended;
        }
    }

    private static void check(List<Integer> received, Map<Namespace, Long> expected) {
        if (received.size() != EntryProgram.HANDED_OUT.size()) {
            throw LaunchErrors.of(
                    SetupStep.JOIN, "descriptors of namespaces", Errno.EMFILE.negated());
        }
        for (int i = 0; i < received.size(); i++) {
            Namespace namespace = EntryProgram.HANDED_OUT.get(i);
            long found = inode(received.get(i));
            if (found != expected.get(namespace)) {
                throw new SandboxException(
                        "the session handed out %s namespace %d, and lives in %d"
                                .formatted(namespace.label(), found, expected.get(namespace)));
            }
        }
    }

    private static long inode(int descriptor) {
        return Kernel.status(descriptor).inode();
    }

    private static long ownUserNamespace() {
        int own = Kernel.open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC, 0);
        LaunchErrors.check(SetupStep.JOIN, "/proc/self/ns/user", own);
        try {
            return inode(own);
        } finally {
            Kernel.close(own);
        }
    }

    /// Whether the session's user namespace lies directly below the JVM's.
    synchronized boolean isBelow() {
        return below;
    }

    /// Does something with descriptors for the doors of `entry`, in their order. They are copies:
    /// the session may end meanwhile, and a number that is closed may soon be that of another
    /// session.
    <T> T passing(Entry entry, Function<List<Integer>, T> action) {
        List<Integer> copies = new ArrayList<>();
        try {
            copy(entry, copies);
            return action.apply(copies);
        } finally {
            copies.forEach(Kernel::close);
        }
    }

    private synchronized void copy(Entry entry, List<Integer> copies) {
        if (closed) {
            throw LinuxSession.joinedHasEnded();
        }
        for (Entry.Door door : entry.doors()) {
            int own = door == Entry.Door.PARENT_USER ? parent : namespaces.get(door.namespace());
            int copy = Kernel.fcntl(own, F_DUPFD_CLOEXEC, 0);
            LaunchErrors.check(SetupStep.JOIN, "descriptor of the session", copy);
            copies.add(copy);
        }
    }

    /// A launcher that has entered these, made if there is none.
    synchronized Zygote zygote(Set<Namespace> wanted, boolean tracing, Supplier<Zygote> maker) {
        Entered key = new Entered(wanted, tracing);
        Zygote zygote = zygotes.get(key);
        if (zygote == null || !zygote.isAlive()) {
            zygote = maker.get();
            zygotes.put(key, zygote);
        }
        return zygote;
    }

    private void closeParent() {
        if (parent >= 0) {
            Kernel.close(parent);
            parent = -1;
        }
    }

    /// Ends the launchers, and with them what they have launched.
    @Override
    public synchronized void close() {
        closed = true;
        zygotes.values().forEach(Zygote::end);
        zygotes.clear();
        namespaces.values().forEach(Kernel::close);
        namespaces.clear();
        closeParent();
    }
}
