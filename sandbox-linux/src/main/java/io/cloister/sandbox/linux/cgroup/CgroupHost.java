package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.Controller;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What this host lets us do with control groups: for each controller the version that has it and
/// where our groups go, or why it can't be used and what would change that. Looking changes
/// nothing. Immutable.
///
/// Version 2: in this order
///
/// 1. the group that the system property `io.cloister.sandbox.cgroup` names, a path below the
///    mount;
/// 2. the group of this JVM, if it is delegated (it belongs to our user, has the attribute
///    `user.delegate`, or is the topmost one of a container) and only this JVM and its children are
///    in it; they move to the leaf `cloister.jvm`, because a group that hands out controllers may
///    have no processes (cgroups(7)), and stay there;
/// 3. the nearest group above that belongs to our user and has no processes;
/// 4. the group of this JVM, if it is delegated and has other processes of ours; they move as well;
/// 5. for root the topmost group, with the controllers that it hands out already.
///
/// Version 1: below the group of this JVM in each hierarchy, which takes root, or a group that this
/// user may write.
public final class CgroupHost {

    /// The system property that names the group to use.
    public static final String PROPERTY = "io.cloister.sandbox.cgroup";

    private final int uid;
    private final Optional<Unified> unified;
    private final Map<Controller, String> version1;
    private final Map<Controller, Missing> missing;

    private CgroupHost(
            int uid,
            Optional<Unified> unified,
            Map<Controller, String> version1,
            Map<Controller, Missing> missing) {
        this.uid = uid;
        this.unified = unified;
        this.version1 = Collections.unmodifiableMap(version1);
        this.missing = missing;
    }

    /// Looks at the host that this JVM runs on.
    public static CgroupHost detect() {
        return detect(CgroupView.running());
    }

    /// Looks at a host.
    public static CgroupHost detect(CgroupView view) {
        int uid = UnifiedSearch.userOf(view, "self").orElse(-1);
        GroupMounts mounts =
                new GroupMounts(
                        view.text("/proc/self/mountinfo").orElse(""),
                        view.text("/proc/self/cgroup").orElse(""));
        Optional<GroupMounts.Place> place2 =
                mounts.version2().filter(place -> place.directory().isPresent());
        Optional<Unified> found =
                place2.flatMap(place -> new UnifiedSearch(view, place, uid).search());
        Remedies remedies = new Remedies(view, uid);
        Map<Controller, String> version1 = new EnumMap<>(Controller.class);
        Map<Controller, Missing> missing = new EnumMap<>(Controller.class);
        Set<Controller> version2 = EnumSet.noneOf(Controller.class);
        for (Controller controller : Controller.values()) {
            Optional<GroupMounts.Place> place1 = mounts.version1(controller);
            if (place1.isPresent()) {
                version1(view, remedies, controller, place1.get(), version1, missing);
            } else if (found.isPresent() && found.get().controllers().contains(controller)) {
                version2.add(controller);
            } else {
                missing.put(controller, missing(remedies, controller, mounts, found));
            }
        }
        // A hierarchy of version 2 whose controllers are all in version 1 has nothing for us.
        return new CgroupHost(
                uid,
                found.filter(u -> !version2.isEmpty()).map(u -> only(u, version2)),
                version1,
                missing);
    }

    private static void version1(
            CgroupView view,
            Remedies remedies,
            Controller controller,
            GroupMounts.Place place,
            Map<Controller, String> found,
            Map<Controller, Missing> missing) {
        if (place.directory().isEmpty()) {
            String label = controller.labelInVersion1();
            String mount = "mount -t cgroup -o %1$s none /sys/fs/cgroup/%1$s".formatted(label);
            missing.put(controller, remedies.notSeen("version 1", place, mount));
        } else if (view.isWritable(place.directory().get())) {
            found.put(controller, place.directory().get());
        } else {
            missing.put(controller, remedies.version1NotWritable(place.directory().get()));
        }
    }

    private static Missing missing(
            Remedies remedies,
            Controller controller,
            GroupMounts mounts,
            Optional<Unified> unified) {
        if (controller == Controller.DEVICES) {
            return new Missing(
                    "version 2 has no such controller", "nothing: a sandbox has no other devices");
        }
        if (mounts.version2().isEmpty() || mounts.version2().get().point().isEmpty()) {
            return remedies.notMounted(controller);
        }
        GroupMounts.Place place = mounts.version2().get();
        if (place.directory().isEmpty()) {
            return remedies.notSeen("version 2", place, "");
        }
        return unified.isPresent()
                ? remedies.notHandedOut(controller, unified.get(), place)
                : remedies.noGroup(place);
    }

    private static Unified only(Unified unified, Set<Controller> controllers) {
        Set<Controller> toEnable = EnumSet.copyOf(controllers);
        toEnable.retainAll(unified.toEnable());
        return new Unified(
                unified.directory(),
                Collections.unmodifiableSet(controllers),
                Collections.unmodifiableSet(toEnable),
                unified.own(),
                unified.occupied() && !toEnable.isEmpty());
    }

    /// The controllers that can be used, in whatever version.
    public Set<Controller> available() {
        Set<Controller> available = EnumSet.allOf(Controller.class);
        available.removeAll(missing.keySet());
        return available;
    }

    /// The controllers that can be used in version 1: those that a launcher has to join.
    public Set<Controller> version1() {
        return version1.keySet();
    }

    /// Whether some controller can be used in version 2.
    public boolean hasVersion2() {
        return unified.isPresent();
    }

    /// Why a controller can't be used; empty if it can.
    public Optional<Missing> missing(Controller controller) {
        return Optional.ofNullable(missing.get(controller));
    }

    /// Where the groups with a controller go, for people; empty if it can't be used.
    public Optional<String> where(Controller controller) {
        if (version1.containsKey(controller)) {
            return Optional.of("version 1, below " + version1.get(controller));
        }
        return unified.filter(u -> u.controllers().contains(controller))
                .map(u -> "version 2, below %s (%s)".formatted(u.directory(), u.own().meaning()));
    }

    Optional<Unified> unified() {
        return unified;
    }

    /// The directory of version 1 that our groups of a controller are made in.
    Map<Controller, String> directories() {
        return version1;
    }

    /// The effective user of this JVM.
    int uid() {
        return uid;
    }
}
