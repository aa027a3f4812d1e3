package io.cloister.sandbox.linux.mount;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.RootFilesystem;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Plans of a host that exists only in tests.
final class Plans {

    static final HostTree HOST =
            new HostTree(
                    List.of(directory("usr"), link("bin", "usr/bin"), directory("lib64")),
                    List.of(
                            new HostTree.Entry("ld.so.cache", false, Optional.empty()),
                            directory("ssl/certs"),
                            link("localtime", "/usr/share/zoneinfo/UTC")),
                    List.of(
                            new HostTree.ProcEntry("/proc/acpi", true, false),
                            new HostTree.ProcEntry("/proc/interrupts", false, false),
                            new HostTree.ProcEntry("/proc/kcore", false, true),
                            new HostTree.ProcEntry("/proc/sys", true, false)),
                    List.of("null", "zero"),
                    "nameserver 192.0.2.1\n");

    static final MountPlanner.Occupant OCCUPANT =
            new MountPlanner.Occupant(1000, 1000, "box", "/tmp", false, false, false);

    private Plans() {}

    private static HostTree.Entry directory(String name) {
        return new HostTree.Entry(name, true, Optional.empty());
    }

    private static HostTree.Entry link(String name, String target) {
        return new HostTree.Entry(name, false, Optional.of(target));
    }

    static FilesystemPolicy policy(Mount... mounts) {
        FilesystemPolicy policy = FilesystemPolicy.standard();
        for (Mount mount : mounts) {
            policy = policy.mount(mount);
        }
        return policy;
    }

    static FilesystemPolicy directoryPolicy(boolean writable, Mount... mounts) {
        return policy(mounts).root(new RootFilesystem.Directory(Path.of("/srv/root"), writable));
    }

    /// The plan; every bind is found: what has "file" in the name of its source is one.
    static MountPlan plan(FilesystemPolicy policy) {
        return plan(policy, OCCUPANT);
    }

    static MountPlan plan(FilesystemPolicy policy, MountPlanner.Occupant occupant) {
        Map<Mount, Source> sources = new HashMap<>();
        for (Mount mount : policy.mounts()) {
            if (mount instanceof Bind bind) {
                sources.put(bind, found(bind));
            }
        }
        return plan(policy, sources, occupant);
    }

    static MountPlan plan(
            FilesystemPolicy policy, Map<Mount, Source> sources, MountPlanner.Occupant occupant) {
        Optional<Source> root =
                policy.root() instanceof RootFilesystem.Directory
                        ? Optional.of(rootSource())
                        : Optional.empty();
        return MountPlanner.plan(policy, HOST, root, sources, occupant);
    }

    static Source rootSource() {
        return new Source.Checked("/srv/root", true, 3, 4);
    }

    static Source found(Bind bind) {
        String path = bind.source().toString();
        return new Source.Checked(path, !path.contains("file"), 1, 2);
    }

    static List<MountStep> all(MountPlan plan) {
        List<MountStep> steps = new ArrayList<>(plan.base().steps());
        steps.addAll(plan.own());
        return steps;
    }

    /// The steps of a kind, in order.
    static <T extends MountStep> List<T> of(Class<T> kind, List<MountStep> steps) {
        return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
