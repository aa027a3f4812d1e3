package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.Controller;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Where hierarchies are mounted and which group of each this JVM is in: the texts of
/// /proc/self/mountinfo (proc_pid_mountinfo(5)) and /proc/self/cgroup (cgroups(7)).
final class GroupMounts {

    /// A mount of a hierarchy.
    ///
    /// @param root the group that is seen at the mount point, `/` for all
    /// @param point the mount point
    /// @param options the options of the hierarchy, in version 1 with its controllers
    private record Mounted(String root, String point, List<String> options) {

        /// The directory of a group; empty where it is outside of what is mounted.
        Optional<String> directory(String group) {
            if (group.startsWith("/..")) {
                return Optional.empty();
            }
            if (root.equals("/")) {
                return Optional.of(group.equals("/") ? point : point + group);
            }
            return group.equals(root) || group.startsWith(root + "/")
                    ? Optional.of(point + group.substring(root.length()))
                    : Optional.empty();
        }
    }

    /// A group that this JVM is in.
    ///
    /// @param group its path in the hierarchy
    /// @param directory where it is seen; empty if it is not
    /// @param point the mount point
    record Place(String group, Optional<String> directory, String point) {

        /// The name of the group, `/` for the topmost one.
        String name() {
            return group.substring(group.lastIndexOf('/') + 1);
        }
    }

    private final Optional<Place> version2;
    private final Map<Controller, Place> version1 = new EnumMap<>(Controller.class);

    /// Reads both texts.
    GroupMounts(String mountinfo, String groups) {
        List<String[]> lines = groups.lines().map(line -> line.split(":", 3)).toList();
        List<Mounted> mounts2 = mounts(mountinfo, "cgroup2");
        version2 =
                lines.stream()
                        .filter(fields -> fields.length == 3 && fields[1].isEmpty())
                        .findFirst()
                        .map(fields -> place(fields[2], mounts2.stream()));
        List<Mounted> mounts1 = mounts(mountinfo, "cgroup");
        for (String[] fields : lines) {
            if (fields.length == 3) {
                for (String label : fields[1].split(",")) {
                    Stream<Mounted> mounts =
                            mounts1.stream().filter(mount -> mount.options().contains(label));
                    Controller.ofVersion1(label)
                            .ifPresent(c -> version1.put(c, place(fields[2], mounts)));
                }
            }
        }
    }

    /// The group of version 2; empty where the kernel has none. The mount point is empty where it
    /// is not mounted.
    Optional<Place> version2() {
        return version2;
    }

    /// The group of version 1 of a controller that version 1 has.
    Optional<Place> version1(Controller controller) {
        return Optional.ofNullable(version1.get(controller));
    }

    private static Place place(String group, Stream<Mounted> mounts) {
        List<Mounted> candidates = mounts.toList();
        return candidates.stream()
                .filter(mount -> mount.directory(group).isPresent())
                .findFirst()
                .map(mount -> new Place(group, mount.directory(group), mount.point()))
                .orElseGet(() ->
                        new Place(
                                group,
                                Optional.empty(),
                                candidates.isEmpty() ? "" : candidates.getFirst().point()));
    }

    private static List<Mounted> mounts(String mountinfo, String type) {
        return mountinfo.lines().flatMap(line -> mounted(line, type).stream()).toList();
    }

    /// A line reads `36 35 98:0 /root /point rw,relatime shared:1 - type source options`.
    private static Optional<Mounted> mounted(String line, String type) {
        int dash = line.indexOf(" - ");
        if (dash < 0) {
            return Optional.empty();
        }
        String[] left = line.substring(0, dash).split(" ");
        String[] right = line.substring(dash + " - ".length()).split(" ");
        return left.length > 4 && right.length > 2 && right[0].equals(type)
                ? Optional.of(
                        new Mounted(
                                plain(left[3]), plain(left[4]), Arrays.asList(right[2].split(","))))
                : Optional.empty();
    }

    /// Blanks and the like are written as `\040`.
    private static String plain(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
