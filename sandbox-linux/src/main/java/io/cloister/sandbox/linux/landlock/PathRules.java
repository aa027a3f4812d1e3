package io.cloister.sandbox.linux.landlock;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Collects what is open below paths; one path has one rule.
final class PathRules {

    private final Set<FileRight> known;
    private final Set<String> devices = new HashSet<>();
    private final Map<String, LandlockPlan.PathRule> rules = new LinkedHashMap<>();

    /// @param known what the kernel knows; what it does not know is left out
    PathRules(Set<FileRight> known) {
        this.known = known;
    }

    /// Opens `rights` for a directory and all below it.
    void directory(String path, Collection<FileRight> rights) {
        add(path, true, rights, false);
    }

    /// Opens `rights` for a device, however it is reached: a standard stream may be the host's own
    /// `/dev/null`, which lies below none of the sandbox's directories.
    void device(String path, Collection<FileRight> rights) {
        devices.add(path);
        file(path, rights);
    }

    /// Opens those of `rights` that a file can have.
    void file(String path, Collection<FileRight> rights) {
        add(path, false, possible(rights), false);
    }

    /// Opens `rights` for what the host has at `path`, if it has it.
    void host(String path, boolean directory, Collection<FileRight> rights) {
        add(path, directory, directory ? rights : possible(rights), true);
    }

    private static Set<FileRight> possible(Collection<FileRight> rights) {
        Set<FileRight> possible = EnumSet.noneOf(FileRight.class);
        possible.addAll(rights);
        possible.retainAll(FileRight.OF_FILES);
        return possible;
    }

    private void add(String path, boolean directory, Collection<FileRight> rights, boolean hosts) {
        Set<FileRight> all = EnumSet.noneOf(FileRight.class);
        all.addAll(rights);
        all.retainAll(known);
        if (rules.containsKey(path)) {
            all.addAll(rules.get(path).rights());
        }
        // A rule without rights would be refused (ENOMSG).
        if (!all.isEmpty()) {
            rules.put(path, new LandlockPlan.PathRule(path, directory, all, hosts));
        }
    }

    /// The rules. A path whose rights all come with a directory above it is left out.
    List<LandlockPlan.PathRule> list() {
        return rules.values().stream()
                .filter(rule ->
                        devices.contains(rule.path())
                                || rules.values().stream()
                                        .noneMatch(above ->
                                                above != rule
                                                        && isBelow(rule.path(), above.path())
                                                        && above.rights()
                                                                .containsAll(rule.rights())))
                .toList();
    }

    private static boolean isBelow(String path, String above) {
        return path.startsWith(above.equals("/") ? above : above + "/");
    }
}
