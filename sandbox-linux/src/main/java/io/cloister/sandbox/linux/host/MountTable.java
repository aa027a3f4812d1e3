package io.cloister.sandbox.linux.host;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// The mounts of this process (proc_pid_mountinfo(5)).
///
/// @param mounts in the order of the file
record MountTable(List<Mounted> mounts) {

    /// Directories of procfs that are empty for good, and there to be mounted on; the kernel does
    /// not count what covers them.
    private static final Set<String> MOUNT_POINTS =
            Set.of("/sys/fs/binfmt_misc", "/fs/nfsd", "/fs/nfs", "/openprom");

    /// What hides nothing; the kernel shows it by its name.
    private static final Set<String> SEEN = Set.of("hidepid=0", "hidepid=off");

    /// One mount.
    ///
    /// @param id its number
    /// @param parent the number of the mount that it stands on
    /// @param root what of its file system is shown
    /// @param point where it stands
    /// @param type its file system
    /// @param superOptions the options of the file system
    record Mounted(
            int id,
            int parent,
            String root,
            String point,
            String type,
            List<String> superOptions) {}

    /// Reads the text of `/proc/self/mountinfo`; a line that is none is left out.
    static MountTable parse(String text) {
        List<Mounted> mounts = new ArrayList<>();
        for (String line : text.split("\n")) {
            List<String> words = List.of(line.split(" "));
            int dash = words.indexOf("-");
            if (dash < 6 || words.size() < dash + 4) {
                continue;
            }
            mounts.add(
                    new Mounted(
                            Integer.parseInt(words.get(0)),
                            Integer.parseInt(words.get(1)),
                            words.get(3),
                            words.get(4),
                            words.get(dash + 1),
                            Arrays.asList(words.get(dash + 3).split(","))));
        }
        return new MountTable(List.copyOf(mounts));
    }

    /// The mounts of one type of file system.
    List<Mounted> ofType(String type) {
        return mounts.stream().filter(mount -> mount.type().equals(type)).toList();
    }

    /// Whether a process may not see all others at `/proc`: the first process of a sandbox is
    /// undumpable, so it is hidden from the JVM too.
    boolean hidesProcesses() {
        return ofType("proc").stream()
                .filter(mount -> mount.point().equals("/proc"))
                .flatMap(mount -> mount.superOptions().stream())
                .anyMatch(option -> option.startsWith("hidepid=") && !SEEN.contains(option));
    }

    /// Whether a whole procfs is mounted at `/proc`.
    boolean hasProc() {
        return !wholeProcs().isEmpty();
    }

    /// What covers a part of procfs, as long as no procfs here is without such a cover.
    ///
    /// The kernel lets a user namespace mount a new procfs only where an old one is fully visible
    /// (`mnt_already_visible()` in fs/namespace.c).
    List<String> procCovers() {
        List<String> covers = new ArrayList<>();
        for (Mounted proc : wholeProcs()) {
            List<String> own =
                    mounts.stream()
                            .filter(m -> m.parent() == proc.id() && m.id() != proc.id())
                            .map(Mounted::point)
                            .filter(point -> !isMountPoint(proc, point))
                            .toList();
            if (own.isEmpty()) {
                return List.of();
            }
            covers.addAll(own);
        }
        return covers.stream().distinct().sorted().toList();
    }

    private List<Mounted> wholeProcs() {
        return ofType("proc").stream().filter(mount -> mount.root().equals("/")).toList();
    }

    private static boolean isMountPoint(Mounted proc, String point) {
        return point.startsWith(proc.point())
                && MOUNT_POINTS.contains(point.substring(proc.point().length()));
    }
}
