package io.cloister.sandbox.linux.cgroup;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Removes what dead owners left.
final class Sweep {

    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    /// How long dead owners' processes are waited for in all; what is left then is left to the next
    /// one.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// A host may have very many groups; looking into all of them would take long.
    private static final int MOST_NEIGHBOURS = 500;

    private Sweep() {}

    /// Ends and removes the subtrees of dead owners in `directory`, and in the groups beside it: an
    /// earlier JVM may have had a group of its own there. Those whose owner lives, or can't be seen
    /// from here (another PID namespace), and those of other users are left alone. What goes wrong
    /// is for the log: it is somebody else's, and no reason to fail a launch.
    ///
    /// @param uid the user whose subtrees are removed
    static void of(String directory, Owner self, int uid, CgroupView view) {
        Path own = Path.of(directory);
        long end = System.nanoTime() + PATIENCE.toNanos();
        in(own, self, uid, view, end);
        if (view.exists(own.getParent() + "/cgroup.procs")) {
            children(own.getParent()).stream()
                    .filter(group -> !group.equals(own))
                    .limit(MOST_NEIGHBOURS)
                    .forEach(group -> in(group, self, uid, view, end));
        }
    }

    private static void in(Path directory, Owner self, int uid, CgroupView view, long end) {
        for (Path child : children(directory)) {
            Optional<Owner> owner = Owner.of(child.getFileName().toString());
            long left = end - System.nanoTime();
            if (left > 0
                    && owner.filter(o -> o.isNeighbour(self) && !o.isAlive(view)).isPresent()
                    && view.owner(child.toString()).orElse(-1) == uid) {
                destroy(child, Duration.ofNanos(left));
            }
        }
    }

    private static void destroy(Path subtree, Duration patience) {
        try {
            if (!GroupTree.destroy(subtree, patience)) {
                LOG.warn("{} of a dead owner could not be removed yet", subtree);
            }
        } catch (CgroupException e) {
            LOG.warn("{} of a dead owner could not be removed", subtree, e);
        }
    }

    /// Those that can be seen.
    private static List<Path> children(Path directory) {
        try {
            return GroupTree.children(directory);
        } catch (CgroupException e) {
            LOG.debug("{} cannot be looked into", directory, e);
            return List.of();
        }
    }
}
