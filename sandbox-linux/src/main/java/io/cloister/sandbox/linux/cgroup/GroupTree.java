package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Ends what runs in a subtree of groups, and removes it.
///
/// Another process may be at the same work: what is gone already is as good as done.
final class GroupTree {

    private static final Logger LOG = LoggerFactory.getLogger(GroupTree.class);

    private static final int SIGKILL = 9;

    private GroupTree() {}

    /// Kills and removes until nothing is left.
    ///
    /// @return whether nothing is left; a process that hangs in the kernel can hold a group
    static boolean destroy(Path top, Duration patience) {
        try (Patience waiting = new Patience(patience)) {
            while (!remove(top)) {
                kill(top);
                if (!waiting.pause()) {
                    return remove(top);
                }
            }
            return true;
        }
    }

    /// Removes a group that should be empty, now or a little later.
    static void discard(Path group, Duration patience) {
        boolean gone = false;
        try {
            gone = removeOne(group);
        } catch (CgroupException e) {
            LOG.debug("{} could not be removed yet", group, e);
        }
        if (!gone) {
            destroyLater(group, patience);
        }
    }

    /// Goes on with [#destroy] in another thread.
    static void destroyLater(Path top, Duration patience) {
        Thread.ofVirtual()
                .name("cloister-cgroup-removal")
                .start(() -> {
                    try {
                        if (!destroy(top, patience)) {
                            LOG.warn("{} could not be removed", top);
                        }
                    } catch (CgroupException e) {
                        LOG.warn("{} could not be removed", top, e);
                    }
                });
    }

    /// Kills all processes of a subtree.
    private static void kill(Path top) {
        try (GroupDirectory group = GroupDirectory.open(top.toString())) {
            if (group.tryWrite("cgroup.kill", "1") >= 0) {
                return;
            }
        } catch (CgroupException e) {
            if (e.errno() != Errno.ENOENT.number()) {
                throw e;
            }
            return;
        }
        // A process that version 1 has frozen does not die.
        List<Path> groups = groups(top);
        groups.forEach(GroupTree::thaw);
        groups.forEach(GroupTree::killIn);
    }

    private static void thaw(Path path) {
        try (GroupDirectory group = GroupDirectory.open(path.toString())) {
            group.tryWrite("freezer.state", "THAWED");
        } catch (CgroupException e) {
            skipGone(e);
        }
    }

    private static void killIn(Path path) {
        try (GroupDirectory group = GroupDirectory.open(path.toString())) {
            kill(group, Set.of());
        } catch (CgroupException e) {
            skipGone(e);
        }
    }

    private static void skipGone(CgroupException e) {
        if (e.errno() != Errno.ENOENT.number()) {
            throw e;
        }
    }

    /// Kills the processes of one group.
    ///
    /// @param spared processes that are left alone, besides this JVM
    /// @return how many there were
    static int kill(GroupDirectory group, Set<Integer> spared) {
        int self = (int) ProcessHandle.current().pid();
        int count = 0;
        for (int pid : group.processes()) {
            if (pid != 0 && pid != self && !spared.contains(pid)) {
                count++;
                kill(group, pid);
            }
        }
        return count;
    }

    /// A pid may belong to another process by now. The descriptor stays with one process: if the
    /// group still has the pid after it was opened, it is a process of the group, or a dead one.
    private static void kill(GroupDirectory group, int pid) {
        int pidfd = Kernel.pidfdOpen(pid);
        if (pidfd >= 0) {
            if (group.processes().contains(pid)) {
                Kernel.pidfdSendSignal(pidfd, SIGKILL);
            }
            Kernel.close(pidfd);
        }
    }

    /// Removes a subtree, children first; whether it is gone.
    private static boolean remove(Path top) {
        boolean gone = true;
        for (Path group : groups(top)) {
            gone = removeOne(group);
        }
        return gone;
    }

    private static boolean removeOne(Path group) {
        int result;
        try (GroupDirectory parent = GroupDirectory.open(group.getParent().toString())) {
            result = parent.remove(group.getFileName().toString());
        } catch (CgroupException e) {
            skipGone(e);
            return true;
        }
        return result >= 0 || GroupDirectory.isGone(result);
    }

    /// The groups of a subtree, each before its parent.
    private static List<Path> groups(Path top) {
        List<Path> groups = new ArrayList<>();
        collect(top, groups);
        return groups;
    }

    private static void collect(Path group, List<Path> groups) {
        for (Path child : children(group)) {
            collect(child, groups);
        }
        groups.add(group);
    }

    /// The groups directly below a group; none if it is gone.
    static List<Path> children(Path group) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(
                        group, path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
            found.forEach(children::add);
        } catch (NoSuchFileException e) {
            // Another process was faster.
            return List.of();
        } catch (DirectoryIteratorException | IOException e) {
            if (Files.exists(group)) {
                throw new CgroupException(group.toString(), "list: " + e, Errno.EIO.number());
            }
            return List.of();
        }
        return children;
    }
}
