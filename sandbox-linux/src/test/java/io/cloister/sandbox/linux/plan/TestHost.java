package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.mount.HostTree;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.RootFilesystem;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A host that exists only in tests, and plans for it.
public final class TestHost {

    /// Its tree: a merged /usr, three entries of /etc, one of /proc that is closed.
    public static final HostTree TREE =
            new HostTree(
                    List.of(
                            new HostTree.Entry("usr", true, Optional.empty()),
                            new HostTree.Entry("bin", false, Optional.of("usr/bin")),
                            new HostTree.Entry("lib64", true, Optional.empty())),
                    List.of(
                            new HostTree.Entry("ld.so.cache", false, Optional.empty()),
                            new HostTree.Entry("ssl/certs", true, Optional.empty()),
                            new HostTree.Entry(
                                    "localtime", false, Optional.of("/usr/share/zoneinfo/UTC"))),
                    List.of(
                            new HostTree.ProcEntry("/proc/acpi", true, false),
                            new HostTree.ProcEntry("/proc/interrupts", false, false),
                            new HostTree.ProcEntry("/proc/kcore", false, true),
                            new HostTree.ProcEntry("/proc/sys", true, false)),
                    List.of("null", "zero", "urandom"),
                    "nameserver 192.0.2.1\n");

    /// Its kernel can do everything, and its processor guesses, but does not share cores.
    public static final ProcessControls CONTROLS =
            new ProcessControls(
                    true,
                    0,
                    Map.of(
                            SpeculationKind.STORE_BYPASS, 3L,
                            SpeculationKind.INDIRECT_BRANCH, 3L,
                            SpeculationKind.CACHE_FLUSH, 5L),
                    false,
                    0);

    /// Its facts for an ordinary user, who has no control groups.
    public static final HostFacts ORDINARY =
            new HostFacts(
                    1001,
                    1002,
                    false,
                    false,
                    true,
                    Map.of(),
                    TREE,
                    ControlGroups.NONE,
                    CONTROLS,
                    LandlockSupport.of(7));

    /// Its facts for root with all capabilities, without control groups.
    public static final HostFacts PRIVILEGED =
            new HostFacts(
                    0,
                    0,
                    true,
                    true,
                    true,
                    Map.of(),
                    TREE,
                    ControlGroups.NONE,
                    CONTROLS,
                    LandlockSupport.of(7));

    /// All that version 2 has, on a host with swap.
    public static final ControlGroups VERSION_2 =
            new ControlGroups(
                    EnumSet.complementOf(EnumSet.of(Controller.DEVICES)), Set.of(), Map.of(), true);

    /// All that version 1 has, on a host with swap.
    public static final ControlGroups VERSION_1 =
            new ControlGroups(
                    EnumSet.allOf(Controller.class),
                    EnumSet.allOf(Controller.class),
                    Map.of(),
                    true);

    private TestHost() {}

    /// `facts` with other controls.
    public static HostFacts with(HostFacts facts, ProcessControls controls) {
        return new HostFacts(
                facts.uid(),
                facts.gid(),
                facts.privileged(),
                facts.hostRoot(),
                facts.keyrings(),
                facts.hardLimits(),
                facts.tree(),
                facts.groups(),
                controls,
                facts.landlock());
    }

    /// A builder of the strict specification.
    public static Sandbox.Builder spec() {
        return Sandbox.builder();
    }

    /// `facts` with other control groups.
    public static HostFacts with(HostFacts facts, ControlGroups groups) {
        return new HostFacts(
                facts.uid(),
                facts.gid(),
                facts.privileged(),
                facts.hostRoot(),
                facts.keyrings(),
                facts.hardLimits(),
                facts.tree(),
                groups,
                facts.controls(),
                facts.landlock());
    }

    /// How the limits of `spec` are kept; it limits no device.
    public static LimitPlan limits(SandboxSpec spec, HostFacts facts) {
        return LimitPlanner.plan(spec.limits(), facts.groups(), Map.of());
    }

    /// The plan for `spec`; every bind is found, as a directory.
    public static LaunchPlan plan(SandboxSpec spec, HostFacts facts) {
        Optional<Source> root =
                spec.filesystem().root() instanceof RootFilesystem.Directory(var path, _)
                        ? Optional.of(new Source.Checked(path.toString(), true, 100, 0x801))
                        : Optional.empty();
        Map<Mount, Source> sources = new HashMap<>();
        long inode = 100;
        for (Mount mount : spec.filesystem().mounts()) {
            if (mount instanceof Bind bind) {
                inode++;
                sources.put(bind, new Source.Checked(bind.source().toString(), true, inode, 0x801));
            }
        }
        return LaunchPlanner.plan(
                spec, facts, LaunchPlanner.mounts(spec, facts, root, sources), limits(spec, facts));
    }
}
