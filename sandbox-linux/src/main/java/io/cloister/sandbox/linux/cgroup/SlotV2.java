package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.Controller;

import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// The group of version 2 that the leaves of a launcher's runs are made in, with the leaf that the
/// launcher itself sits in. Thread-safe.
///
/// clone3(2) with CLONE_INTO_CGROUP asks whether the launcher may write `cgroup.procs` of the leaf
/// and of the group that both are in. A launcher that runs as another user is given these files,
/// and no other: it can't change a limit.
final class SlotV2 implements AutoCloseable {

    private static final String PROCESSES = "cgroup.procs";
    private static final String LAUNCHER = "launcher";

    private final GroupDirectory directory;
    private final GroupDirectory launcher;
    private final Set<Controller> controllers;
    private final OptionalInt uid;
    private final int gid;
    private final AtomicLong count = new AtomicLong();

    /// @param directory a fresh group, which is closed with this
    /// @param uid the user that the launcher runs as, if it is another one
    SlotV2(GroupDirectory directory, Set<Controller> controllers, OptionalInt uid, int gid) {
        this.directory = directory;
        this.controllers = controllers;
        this.uid = uid;
        this.gid = gid;
        enable(directory, controllers);
        launcher = directory.make(LAUNCHER);
        hand(directory);
    }

    /// Hands controllers out to the groups below.
    static void enable(GroupDirectory group, Set<Controller> controllers) {
        for (Controller controller : controllers) {
            if (!controller.isBuiltIn()) {
                group.write("cgroup.subtree_control", "+" + controller.label());
            }
        }
    }

    private void hand(GroupDirectory group) {
        if (uid.isPresent()) {
            group.changeOwner(PROCESSES, uid.getAsInt(), gid);
        }
    }

    Set<Controller> controllers() {
        return controllers;
    }

    int launcherDirectory() {
        return launcher.descriptor();
    }

    CgroupV2 begin() {
        String name = "r" + count.incrementAndGet();
        GroupDirectory leaf = directory.make(name);
        try {
            hand(leaf);
            if (controllers.contains(Controller.MEMORY)) {
                // Since Linux 4.19; without it the watching of memory.events does the same.
                leaf.tryWrite("memory.oom.group", "1");
            }
            return new CgroupV2(directory, name, leaf, controllers);
        } catch (RuntimeException e) {
            leaf.close();
            directory.remove(name);
            throw e;
        }
    }

    @Override
    public void close() {
        launcher.close();
        directory.close();
    }
}
