package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.limited;
import static io.cloister.sandbox.linux.host.Findings.missing;

import io.cloister.sandbox.HostReport.Feature;

import java.util.List;
import java.util.Optional;

/// Findings about control groups (cgroups(7)), one for each controller.
final class ControlGroupFeatures {

    private static final String NOT_YET = "this version does not enforce limits through it yet";

    /// A controller; version 1 calls `io` by another name.
    private record Controller(String name, String nameInVersion1) {}

    private static final List<Controller> CONTROLLERS =
            List.of(
                    new Controller("memory", "memory"),
                    new Controller("pids", "pids"),
                    new Controller("cpu", "cpu"),
                    new Controller("cpuset", "cpuset"),
                    new Controller("io", "blkio"));

    private final HostView host;
    private final MountTable mounts;
    private final List<String> groups;

    private ControlGroupFeatures(HostView host) {
        this.host = host;
        mounts = MountTable.parse(host.text("/proc/self/mountinfo").orElse(""));
        groups = host.text("/proc/self/cgroup").orElse("").lines().toList();
    }

    static List<Feature> all(HostView host) {
        ControlGroupFeatures features = new ControlGroupFeatures(host);
        return CONTROLLERS.stream().map(features::feature).toList();
    }

    private Feature feature(Controller controller) {
        String name = "control group " + controller.name();
        Optional<String> found = version1(controller).or(() -> version2(controller));
        if (found.isPresent()) {
            return limited(name, found.get() + "; " + NOT_YET, "");
        }
        String v1 = controller.nameInVersion1();
        if (isDisabled(v1)) {
            return missing(
                    name,
                    "the kernel has it switched off; " + NOT_YET,
                    "remove cgroup_disable=" + v1 + " from the kernel command line");
        }
        return missing(
                name,
                "in no hierarchy that is mounted; " + NOT_YET,
                "mount one: mount -t cgroup2 none /sys/fs/cgroup; in a group of version 2, its"
                        + " parent must have +%s in cgroup.subtree_control"
                                .formatted(controller.name()));
    }

    /// A line reads `4:memory:/group`.
    private Optional<String> version1(Controller controller) {
        String name = controller.nameInVersion1();
        return groups.stream()
                .map(line -> line.split(":", 3))
                .filter(f -> f.length == 3 && List.of(f[1].split(",")).contains(name))
                .map(f -> "version 1%s, group %s".formatted(mountOf(name), f[2]))
                .findFirst();
    }

    private String mountOf(String controller) {
        return mounts.ofType("cgroup").stream()
                .filter(mount -> mount.superOptions().contains(controller))
                .map(mount -> " at " + mount.point())
                .findFirst()
                .orElse(", not mounted");
    }

    /// The line of version 2 reads `0::/group`; the controllers of the group are those it was
    /// given.
    private Optional<String> version2(Controller controller) {
        return groups.stream()
                .filter(line -> line.startsWith("0::"))
                .map(line -> line.substring("0::".length()))
                .flatMap(group ->
                        mounts.ofType("cgroup2").stream()
                                .filter(m -> controllers(m, group).contains(controller.name()))
                                .map(m -> "version 2 at %s, group %s".formatted(m.point(), group)))
                .findFirst();
    }

    private List<String> controllers(MountTable.Mounted mount, String group) {
        String directory = mount.point() + (group.equals("/") ? "" : group);
        String text =
                host.text(directory + "/cgroup.controllers")
                        .or(() -> host.text(mount.point() + "/cgroup.controllers"))
                        .orElse("");
        return List.of(text.strip().split("\\s+"));
    }

    /// `/proc/cgroups`: name, hierarchy, number of groups, whether it is enabled.
    private boolean isDisabled(String controller) {
        return host.text("/proc/cgroups")
                .orElse("")
                .lines()
                .map(line -> line.split("\\s+"))
                .anyMatch(f -> f.length == 4 && f[0].equals(controller) && f[3].equals("0"));
    }
}
