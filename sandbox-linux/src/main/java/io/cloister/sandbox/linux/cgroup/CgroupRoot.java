package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.Controller;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The subtrees of this JVM, one in each hierarchy that it uses, made when the first slot needs
/// them. Their name tells the owner: boot, PID namespace, pid and start time. The first slot also
/// ends and removes those of dead owners, wherever this JVM could have made its own. Thread-safe.
public final class CgroupRoot implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration LATER = Duration.ofSeconds(30);

    private final CgroupHost host;
    private final CgroupView view = CgroupView.running();
    private final Owner owner;
    private final Map<String, GroupDirectory> roots = new LinkedHashMap<>();
    private boolean swept;
    private long slots;
    private boolean closed;

    private CgroupRoot(CgroupHost host) {
        this.host = host;
        owner = Owner.running(view);
    }

    /// Makes nothing yet.
    public static CgroupRoot of(CgroupHost host) {
        return new CgroupRoot(host);
    }

    /// The host that it was made for.
    public CgroupHost host() {
        return host;
    }

    /// Makes the groups for one launcher of its own.
    ///
    /// @param uid the user that the launcher runs as
    /// @param gid its group
    /// @param v1Controllers which controllers it joins where version 1 has them; those that this
    ///   host can't use are left out, see [CgroupSlot#covers(Set)]
    /// @throws CgroupException if the kernel refuses
    /// @throws IllegalStateException if this was closed
    public synchronized CgroupSlot slot(int uid, int gid, Set<Controller> v1Controllers) {
        if (closed) {
            throw new IllegalStateException("the control groups of this JVM were removed");
        }
        if (!swept) {
            swept = true;
            places().forEach(directory -> Sweep.of(directory, owner, host.uid(), view));
        }
        String name = "u" + uid + "-" + ++slots;
        List<Path> made = new ArrayList<>();
        Optional<SlotV2> version2 = Optional.empty();
        try {
            version2 = host.unified().map(u -> version2(u, name, uid, gid, made));
            return new CgroupSlot(version2, version1(name, v1Controllers, made), made);
        } catch (RuntimeException e) {
            version2.ifPresent(SlotV2::close);
            made.forEach(path -> GroupTree.destroyLater(path, LATER));
            throw e;
        }
    }

    /// Makes the group that all runs of an ordinary user's launcher are in: version 2 only.
    ///
    /// @throws CgroupException if the kernel refuses
    public CgroupSlot shared() {
        return slot(host.uid(), -1, Set.of());
    }

    /// The directories that subtrees are made in. The one where processes can be thawed comes
    /// first: a frozen one does not die, and keeps the groups of all hierarchies.
    private Set<String> places() {
        Set<String> places = new LinkedHashSet<>();
        Optional.ofNullable(host.directories().get(Controller.FREEZER)).ifPresent(places::add);
        host.unified().map(Unified::directory).ifPresent(places::add);
        places.addAll(host.directories().values());
        return places;
    }

    private SlotV2 version2(Unified unified, String name, int uid, int gid, List<Path> made) {
        GroupDirectory root =
                roots.computeIfAbsent(unified.directory(), path -> makeVersion2(unified));
        GroupDirectory group = make(root, name, made);
        try {
            OptionalInt other = uid == host.uid() ? OptionalInt.empty() : OptionalInt.of(uid);
            return new SlotV2(group, unified.controllers(), other, gid);
        } catch (RuntimeException e) {
            group.close();
            throw e;
        }
    }

    private GroupDirectory makeVersion2(Unified unified) {
        try (GroupDirectory parent = GroupDirectory.open(unified.directory())) {
            if (unified.occupied()) {
                vacate(parent, unified.toEnable());
            } else {
                SlotV2.enable(parent, unified.toEnable());
            }
            GroupDirectory root = makeRoot(parent);
            try {
                SlotV2.enable(root, unified.controllers());
                return root;
            } catch (RuntimeException e) {
                root.close();
                parent.remove(Path.of(root.path()).getFileName().toString());
                throw e;
            }
        }
    }

    private GroupDirectory makeRoot(GroupDirectory parent) {
        for (String name : (Iterable<String>) owner.names()::iterator) {
            try {
                return parent.make(name);
            } catch (CgroupException e) {
                if (e.errno() != Errno.EEXIST.number()) {
                    throw e;
                }
            }
        }
        throw new CgroupException(
                parent.path() + "/" + owner.name(), "mkdir", Errno.EEXIST.number());
    }

    private static void vacate(GroupDirectory group, Set<Controller> controllers) {
        try (GroupDirectory leaf = group.makeOrOpen(Unified.LEAF)) {
            Vacancy.make(group, leaf, controllers, () -> {});
        }
    }

    private Optional<SlotV1> version1(String name, Set<Controller> wanted, List<Path> made) {
        Set<Controller> controllers = EnumSet.noneOf(Controller.class);
        controllers.addAll(wanted);
        controllers.retainAll(host.directories().keySet());
        if (controllers.isEmpty()) {
            return Optional.empty();
        }
        // Controllers that are mounted together have one directory.
        Map<String, GroupDirectory> groups = new LinkedHashMap<>();
        Map<Controller, GroupDirectory> directories = new EnumMap<>(Controller.class);
        try {
            for (Controller controller : controllers) {
                String parent = host.directories().get(controller);
                GroupDirectory group = groups.get(parent);
                if (group == null) {
                    GroupDirectory root = roots.computeIfAbsent(parent, this::makeVersion1);
                    group = make(root, name, made);
                    groups.put(parent, group);
                    SlotV1.fillCpuset(root, group);
                }
                directories.put(controller, group);
            }
            return Optional.of(new SlotV1(directories));
        } catch (RuntimeException e) {
            groups.values().forEach(GroupDirectory::close);
            throw e;
        }
    }

    private GroupDirectory makeVersion1(String directory) {
        try (GroupDirectory parent = GroupDirectory.open(directory)) {
            GroupDirectory root = makeRoot(parent);
            try {
                SlotV1.fillCpuset(parent, root);
                return root;
            } catch (RuntimeException e) {
                root.close();
                parent.remove(Path.of(root.path()).getFileName().toString());
                throw e;
            }
        }
    }

    private static GroupDirectory make(GroupDirectory root, String name, List<Path> made) {
        GroupDirectory group = root.make(name);
        made.add(Path.of(group.path()));
        return group;
    }

    /// Kills what is left in the subtrees and removes them. Slots and runs must be closed before,
    /// or they fail from now on. Does nothing the second time.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            for (String place : places()) {
                GroupDirectory root = roots.remove(place);
                if (root != null) {
                    root.close();
                    GroupTree.destroy(Path.of(root.path()), PATIENCE);
                }
            }
        }
    }
}
