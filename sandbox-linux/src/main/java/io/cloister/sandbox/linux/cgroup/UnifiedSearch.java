package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.cgroup.Unified.Own;
import io.cloister.sandbox.linux.limit.Controller;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// Looks for the group of version 2 that our subtree can be made in.
///
/// The order is that of [Own]. A group that this JVM is alone in comes before one above it, since
/// then what the host allows this JVM bounds its sandboxes too; moving the processes of others
/// comes late, since a leaf of ours is not where they expect to be.
final class UnifiedSearch {

    private static final String PROCESSES = "cgroup.procs";

    private final CgroupView view;
    private final GroupMounts.Place place;
    private final String own;
    private final int uid;

    /// @param place the group of this JVM, which is seen
    /// @param uid the effective user of this JVM
    UnifiedSearch(CgroupView view, GroupMounts.Place place, int uid) {
        this.view = view;
        this.place = place;
        this.uid = uid;
        String directory = place.directory().orElseThrow();
        // Another JVM may have moved us to a leaf already.
        own = directory.endsWith("/" + Unified.LEAF) ? parent(directory) : directory;
    }

    /// The group; empty where none is ours.
    Optional<Unified> search() {
        String configured = view.property(CgroupHost.PROPERTY);
        if (!configured.isEmpty()) {
            return configured(configured);
        }
        return delegated().or(this::ancestor).or(this::shared).or(this::topmost);
    }

    /// The group that the system property names, as a directory.
    static String configuredDirectory(GroupMounts.Place place, String name) {
        String path = name.startsWith("/") ? name : "/" + name;
        return place.point() + (path.equals("/") ? "" : path);
    }

    private Optional<Unified> configured(String name) {
        String directory = configuredDirectory(place, name);
        return isOurs(directory) && mayMoveAll(directory)
                ? Optional.of(unified(directory, Own.CONFIGURED))
                : Optional.empty();
    }

    private Optional<Unified> delegated() {
        return isDelegated(own) && processes(own).allMatch(this::isChild)
                ? Optional.of(unified(own, Own.DELEGATED))
                : Optional.empty();
    }

    private Optional<Unified> ancestor() {
        if (uid == 0) {
            return Optional.empty();
        }
        for (String group = own; group.length() > place.point().length(); ) {
            group = parent(group);
            if (isOwn(group) && isOurs(group) && processes(group).findAny().isEmpty()) {
                return Optional.of(unified(group, Own.ANCESTOR));
            }
        }
        return Optional.empty();
    }

    private Optional<Unified> shared() {
        return isDelegated(own) && mayMoveAll(own)
                ? Optional.of(unified(own, Own.SHARED))
                : Optional.empty();
    }

    /// Only controllers that the group hands out already count: it is not ours to change.
    private Optional<Unified> topmost() {
        String group = place.point();
        if (uid != 0 || !isWritable(group)) {
            return Optional.empty();
        }
        Set<Controller> controllers = controllers(group + "/cgroup.subtree_control");
        return Optional.of(new Unified(group, controllers, Set.of(), Own.TOPMOST, false));
    }

    private Unified unified(String directory, Own how) {
        Set<Controller> controllers = controllers(directory + "/cgroup.controllers");
        Set<Controller> toEnable = EnumSet.copyOf(controllers);
        toEnable.removeAll(controllers(directory + "/cgroup.subtree_control"));
        // The topmost group of all is free of the rule; it has no cgroup.type.
        boolean occupied =
                !toEnable.isEmpty()
                        && isNoRoot(directory)
                        && processes(directory).findAny().isPresent();
        return new Unified(directory, controllers, toEnable, how, occupied);
    }

    /// The controllers that a file lists, with those that every group has.
    private Set<Controller> controllers(String file) {
        Set<Controller> controllers = EnumSet.of(Controller.CPUACCT, Controller.FREEZER);
        for (String label : words(file)) {
            Controller.of(label).ifPresent(controllers::add);
        }
        return controllers;
    }

    private List<String> words(String file) {
        return List.of(view.text(file).orElse("").strip().split("\\s+"));
    }

    private boolean isDelegated(String group) {
        boolean delegated =
                uid != 0 && isOwn(group)
                        || view.attribute(group, "delegate").filter("1"::equals).isPresent()
                        || isNamespaceRoot(group);
        return delegated && isOurs(group);
    }

    /// A group that looks like the topmost one but is not: that of a container.
    private boolean isNamespaceRoot(String group) {
        return group.equals(place.point()) && isNoRoot(group);
    }

    private boolean isNoRoot(String group) {
        return view.exists(group + "/cgroup.type");
    }

    private boolean isOwn(String group) {
        return view.owner(group).orElse(-1) == uid;
    }

    private boolean isOurs(String group) {
        return isWritable(group)
                && view.isWritable(group + "/cgroup.subtree_control")
                && view.text(group + "/cgroup.type").orElse("domain").strip().equals("domain");
    }

    private boolean isWritable(String group) {
        return view.isWritable(group) && view.isWritable(group + "/" + PROCESSES);
    }

    private Stream<String> processes(String group) {
        return words(group + "/" + PROCESSES).stream().filter(word -> !word.isEmpty());
    }

    /// A process of another PID namespace reads as 0, and can't be moved.
    private boolean mayMoveAll(String group) {
        return processes(group)
                .allMatch(pid ->
                        !pid.equals("0") && (uid == 0 || userOf(view, pid).orElse(-1) == uid));
    }

    /// The effective user of a process. Not the owner of its directory in /proc: that is root for a
    /// process that may not be dumped.
    static OptionalInt userOf(CgroupView view, String pid) {
        return view.text("/proc/" + pid + "/status").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("Uid:"))
                .mapToInt(line -> Integer.parseUnsignedInt(line.split("\\s+")[2]))
                .findFirst();
    }

    /// Whether a process is this JVM or descends from it.
    private boolean isChild(String pid) {
        String self = field(view.text("/proc/self/stat"), 0);
        Set<String> seen = new HashSet<>();
        for (String process = pid; seen.add(process); process = parentOf(process)) {
            if (process.equals(self)) {
                return true;
            }
        }
        return false;
    }

    private String parentOf(String pid) {
        // The name in parentheses may hold anything.
        return view.text("/proc/" + pid + "/stat")
                .map(stat -> stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ")[1])
                .orElse("");
    }

    private static String field(Optional<String> text, int index) {
        return text.map(t -> t.split(" ")[index]).orElse("");
    }

    static String parent(String directory) {
        return directory.substring(0, directory.lastIndexOf('/'));
    }
}
