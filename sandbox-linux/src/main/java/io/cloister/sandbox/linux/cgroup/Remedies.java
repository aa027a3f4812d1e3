package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.Controller;

import java.util.List;
import java.util.Optional;

/// What to change so that a controller can be used.
final class Remedies {

    private static final String CONTAINER =
            "run the container with a cgroup namespace of its own and a writable /sys/fs/cgroup:"
                    + " docker run --cgroupns=private --privileged, in Kubernetes"
                    + " securityContext.privileged: true";

    private final CgroupView view;
    private final int uid;

    Remedies(CgroupView view, int uid) {
        this.view = view;
        this.uid = uid;
    }

    Missing notMounted(Controller controller) {
        return disabled(controller)
                .orElseGet(() ->
                        new Missing(
                                "no control groups are mounted",
                                "mount -t cgroup2 none /sys/fs/cgroup"));
    }

    /// A hierarchy that this JVM has a group of, which is not seen.
    Missing notSeen(String version, GroupMounts.Place place, String mount) {
        return place.point().isEmpty()
                ? new Missing(version + " has it, but is not mounted", mount)
                : new Missing(
                        "group %s of %s is not below %s"
                                .formatted(place.group(), version, place.point()),
                        CONTAINER);
    }

    /// A group of version 1 that may not be written.
    Missing version1NotWritable(String directory) {
        String why = "this JVM may not make groups in " + directory + " (version 1)";
        return uid == 0
                ? new Missing(why, CONTAINER)
                : new Missing(
                        why,
                        "start the JVM as root, or boot with systemd.unified_cgroup_hierarchy=1,"
                                + " where an ordinary user can be given control groups");
    }

    /// Nothing in version 2 is ours.
    Missing noGroup(GroupMounts.Place place) {
        String configured = view.property(CgroupHost.PROPERTY);
        if (!configured.isEmpty()) {
            String directory = UnifiedSearch.configuredDirectory(place, configured);
            return new Missing(
                    "%s names %s, which user %d may not use, or which has processes of others"
                            .formatted(CgroupHost.PROPERTY, directory, uid),
                    "as root: mkdir -p %1$s && chown %2$d %1$s %1$s/cgroup.procs"
                                    .formatted(directory, uid)
                            + " %s/cgroup.subtree_control".formatted(directory));
        }
        String directory = place.directory().orElse(place.point());
        String why = "group %s is not delegated to user %d".formatted(place.group(), uid);
        if (place.name().endsWith(".service")) {
            return new Missing(why, service(place.name()));
        }
        if (place.name().endsWith(".scope")) {
            return new Missing(why, "systemd-run --user --scope -p Delegate=yes java ...");
        }
        if (place.group().equals("/") && view.exists(place.point() + "/cgroup.type")) {
            return new Missing(
                    "/sys/fs/cgroup of this container may not be written",
                    uid == 0 ? CONTAINER : CONTAINER + ", and as root: " + handOver(directory));
        }
        return new Missing(why, "as root: " + handOver(directory));
    }

    private String handOver(String directory) {
        String group = directory + "/cloister";
        return "mkdir %1$s && chown %2$d %1$s %1$s/cgroup.procs %1$s/cgroup.subtree_control"
                        .formatted(group, uid)
                + " && echo <pid of the JVM> > "
                + group
                + "/cgroup.procs";
    }

    private static String service(String unit) {
        return ("put Delegate=yes into [Service] of %1$s (systemctl edit %1$s),"
                        + " then systemctl restart %1$s")
                .formatted(unit);
    }

    /// The group is ours, but a group above does not hand out the controller.
    Missing notHandedOut(Controller controller, Unified unified, GroupMounts.Place place) {
        String label = controller.label();
        String why = unified.directory() + ", where our groups go, does not have it";
        for (String group = unified.directory();
                group.length() >= place.point().length();
                group = UnifiedSearch.parent(group)) {
            if (has(group, label)) {
                return new Missing(why, handOut(label, group, unified.directory()));
            }
        }
        return disabled(controller)
                .orElseGet(() ->
                        view.exists(place.point() + "/cgroup.type")
                                ? new Missing(
                                        why,
                                        "let the host give the controller to this container"
                                                + " (+%s in cgroup.subtree_control)"
                                                        .formatted(label))
                                : new Missing(
                                        "the kernel does not offer it in version 2",
                                        "boot with systemd.unified_cgroup_hierarchy=1, or"
                                                + " a kernel that has the controller"));
    }

    private static String handOut(String label, String group, String ours) {
        if (ours.contains("/user@") && !group.contains("/user@")) {
            return "put Delegate=cpu cpuset io memory pids into [Service] of"
                    + " /etc/systemd/system/user@.service.d/delegate.conf, then systemctl"
                    + " daemon-reload, and log in again";
        }
        return "as root: echo +%s > %s/cgroup.subtree_control".formatted(label, group);
    }

    private boolean has(String group, String label) {
        return view.text(group + "/cgroup.controllers").stream()
                .flatMap(text -> text.strip().lines())
                .anyMatch(line -> List.of(line.split("\\s+")).contains(label));
    }

    /// `/proc/cgroups`: name, hierarchy, number of groups, whether it is enabled.
    private Optional<Missing> disabled(Controller controller) {
        String label = controller.labelInVersion1();
        Optional<String> text = view.text("/proc/cgroups");
        if (text.isEmpty() || controller.isBuiltIn()) {
            return Optional.empty();
        }
        Optional<String[]> line =
                text.get()
                        .lines()
                        .map(l -> l.split("\\s+"))
                        .filter(f -> f.length == 4 && f[0].equals(label))
                        .findFirst();
        if (line.isEmpty()) {
            return Optional.of(
                    new Missing(
                            "the kernel was built without it",
                            "a kernel with " + option(controller)));
        }
        return line.get()[3].equals("0")
                ? Optional.of(
                        new Missing(
                                "the kernel has it switched off",
                                "remove cgroup_disable=%1$s from the kernel command line, or add"
                                                .formatted(label)
                                        + " cgroup_enable="
                                        + label))
                : Optional.empty();
    }

    private static String option(Controller controller) {
        return switch (controller) {
            case CPU -> "CONFIG_CGROUP_SCHED";
            case MEMORY -> "CONFIG_MEMCG";
            case CPUSET -> "CONFIG_CPUSETS";
            case IO -> "CONFIG_BLK_CGROUP";
            case DEVICES -> "CONFIG_CGROUP_DEVICE";
            case CPUACCT, PIDS, HUGETLB, FREEZER -> "CONFIG_CGROUP_" + controller.name();
        };
    }
}
