package io.cloister.sandbox.json;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.RootFilesystem;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What an OCI configuration hides and makes read-only of `/proc` and `/sys`.
///
/// That of `/proc` is done. There is no `/sys` of the sandbox's own, so nothing needs to be done
/// for that; but a mount or the root may show one, in which nothing can be hidden.
final class OciMasks {
    private static final String PROC = "/proc";
    private static final String SYS = "/sys";
    private static final Path WHOLE_HOST = Path.of("/");

    private final Sandbox.Builder builder;
    private final List<String> notes;
    private final List<Masked> paths = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    /// @param json where it stands
    /// @param path what
    /// @param hidden whether it is hidden; else it is made read-only
    private record Masked(Value json, String path, boolean hidden) {
        boolean isOf(String top) {
            return isWithin(path, top);
        }

        ProcFilesystem in(ProcFilesystem proc) {
            return json.checked(() -> hidden ? proc.hide(path) : proc.protect(path));
        }

        String done() {
            return hidden ? "hidden" : "made read-only";
        }

        String list() {
            return hidden ? "linux.maskedPaths" : "linux.readonlyPaths";
        }
    }

    OciMasks(Sandbox.Builder builder, List<String> notes) {
        this.builder = builder;
        this.notes = notes;
    }

    void masked(Value path) {
        add(path, true);
    }

    void readOnly(Value path) {
        add(path, false);
    }

    private void add(Value json, boolean hidden) {
        // Else "/sys/../etc" would be taken for something of /sys.
        String path = json.checked(() -> Path.of(json.text()).normalize().toString());
        if (path.equals(PROC) || !isWithin(path, PROC) && !isWithin(path, SYS)) {
            throw json.refused(
                    "only paths of /proc and /sys can be made %s, was \"%s\""
                            .formatted(hidden ? "masked" : "read-only", json.text()));
        }
        if (known.add(path)) {
            paths.add(new Masked(json, path, hidden));
        }
    }

    /// Without masks those of the sandbox stay: a configuration that names none is not a wish to
    /// see the host.
    void end(RootFilesystem.Directory root, OciMounts mounts) {
        ProcFilesystem standard = ProcFilesystem.standard();
        if (mounts.view() == View.ABSENT) {
            builder.proc(standard.view(View.ABSENT));
            inRoot(paths.stream().filter(each -> each.isOf(PROC)).toList(), root, PROC);
        } else {
            ProcFilesystem proc = standard.view(mounts.view());
            for (Masked each : paths) {
                if (each.isOf(PROC)) {
                    proc = each.in(proc);
                }
            }
            builder.proc(proc);
        }
        List<Masked> left = new ArrayList<>();
        for (Masked each : paths) {
            if (each.isOf(SYS) && !isMounted(each, mounts.mounts())) {
                left.add(each);
            }
        }
        inRoot(left, root, SYS);
    }

    /// Whether a mount decides what is seen at the path.
    private static boolean isMounted(Masked masked, List<Mount> mounts) {
        boolean covered = false;
        for (Mount mount : mounts) {
            boolean above = isWithin(masked.path(), mount.destination());
            boolean below = isWithin(mount.destination(), masked.path());
            if (mount instanceof Bind bind
                    && (above || below)
                    && (masked.hidden() || bind.writable())) {
                throw masked.json()
                        .refused(
                                "cannot be %s in what the mount at %s shows; leave out one of them"
                                        .formatted(masked.done(), bind.destination()));
            }
            covered |= above;
        }
        return covered;
    }

    /// What no mount covers.
    private void inRoot(List<Masked> left, RootFilesystem.Directory root, String top) {
        for (String list : List.of("linux.maskedPaths", "linux.readonlyPaths")) {
            List<Masked> seen =
                    left.stream()
                            .filter(each -> each.list().equals(list))
                            .filter(each -> each.hidden() || root.writable())
                            .toList();
            if (seen.isEmpty()) {
                continue;
            }
            Masked first = seen.getFirst();
            if (root.path().equals(WHOLE_HOST)) {
                throw first.json()
                        .refused(
                                "cannot be %s in the %s of the host, which root.path shows; leave"
                                                .formatted(first.done(), top)
                                        + " out the path, or take another root");
            }
            notes.add(
                    "%s: no mount shows a %s; what root.path has there is not %s: %s"
                            .formatted(
                                    list,
                                    top,
                                    first.done(),
                                    String.join(", ", seen.stream().map(Masked::path).toList())));
        }
    }

    /// Whether a path is this one or lies below it.
    private static boolean isWithin(String path, String top) {
        return path.equals(top) || path.startsWith(top + "/");
    }
}
