package io.cloister.sandbox.linux.landlock;

import static io.cloister.sandbox.linux.landlock.FileRight.EXECUTE;
import static io.cloister.sandbox.linux.landlock.FileRight.IOCTL_DEV;
import static io.cloister.sandbox.linux.landlock.FileRight.MAKE_BLOCK;
import static io.cloister.sandbox.linux.landlock.FileRight.MAKE_CHAR;
import static io.cloister.sandbox.linux.landlock.FileRight.READ_DIR;
import static io.cloister.sandbox.linux.landlock.FileRight.READ_FILE;
import static io.cloister.sandbox.linux.landlock.FileRight.RESOLVE_UNIX;
import static io.cloister.sandbox.linux.landlock.FileRight.TRUNCATE;
import static io.cloister.sandbox.linux.landlock.FileRight.WRITE_FILE;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.landlock.LandlockPlan.PortRule;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.MountStep;
import io.cloister.sandbox.linux.mount.MountStep.Attributes;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.NetworkPolicy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Decides what is in the domain of a command.
///
/// # Under mounts
///
/// The domain says once more what the mounts say: read everywhere, execute what the host's programs
/// are, write where something is writable. It holds where a mount is lost or a descriptor of the
/// host's tree is found, since what lies below none of the sandbox's own places is closed.
///
/// A rule opens, and none closes: what is open at a directory is open below it. So a place that is
/// stricter than the one around it (a read-only bind in a writable root) is left to its mount.
///
/// What the kernel lacks is left out, and files altogether in version 1, where nobody inside may
/// rename between directories, which programs rely on: a second wall, with the first still there.
/// Only the ports of [NetworkPolicy] have no other wall, and are refused where they could not be
/// kept.
public final class LandlockPlanner {

    static final Set<FileRight> READ = EnumSet.of(READ_FILE, READ_DIR);

    /// Devices are no program's to make, and what the other rights are for is given by name.
    static final Set<FileRight> WRITE =
            EnumSet.complementOf(
                    EnumSet.of(EXECUTE, MAKE_CHAR, MAKE_BLOCK, IOCTL_DEV, RESOLVE_UNIX));

    private LandlockPlanner() {}

    /// Checks that what has no other wall can be kept.
    ///
    /// @throws SandboxUnavailableException if the policy closes ports, and the kernel cannot
    public static void admit(NetworkPolicy network, LandlockSupport support) {
        if (closed(network).isEmpty() || support.abi() >= LandlockPlan.PORTS) {
            return;
        }
        throw new SandboxUnavailableException(
                "TCP ports were closed (%s), which needs Landlock of ABI %d, and %s"
                        .formatted(
                                describe(network),
                                LandlockPlan.PORTS,
                                support.isThere()
                                        ? "this kernel has ABI " + support.abi()
                                        : support.missing()),
                "Landlock of ABI " + LandlockPlan.PORTS,
                "run a kernel from 6.7 on with Landlock enabled, or allow all ports; newNet()"
                        + " closes all that is outside of the sandbox");
    }

    private static String describe(NetworkPolicy network) {
        List<String> parts = new ArrayList<>();
        network.tcpBind().ifPresent(ports -> parts.add("bind only " + ports));
        network.tcpConnect().ifPresent(ports -> parts.add("connect only " + ports));
        return String.join(", ", parts);
    }

    /// The domain of a command whose tree is built by `mounts`.
    public static LandlockPlan underMounts(
            SandboxSpec spec, MountPlan mounts, LandlockSupport support) {
        int abi = support.abi();
        Set<FileRight> files = EnumSet.noneOf(FileRight.class);
        if (abi >= LandlockPlan.FILES && hasRules(spec, mounts)) {
            files.addAll(FileRight.knownTo(abi));
        }
        Set<NetworkRight> ports = closed(spec.network());
        ports.retainAll(NetworkRight.knownTo(abi));
        return new LandlockPlan(
                abi,
                files,
                ports,
                abi >= LandlockPlan.SCOPES,
                files.isEmpty() ? List.of() : paths(mounts, files),
                Set.of(),
                ports(spec.network()));
    }

    /// Whether there are rules over files.
    ///
    /// - On the host's mounts the policy is: all that its user may see.
    /// - Message queues are files too, which a rule can open only where they are mounted.
    /// - Who is inside may not mount, which CAP_SYS_ADMIN is kept for.
    private static boolean hasRules(SandboxSpec spec, MountPlan mounts) {
        return mounts.own().stream().anyMatch(MountStep.MessageQueues.class::isInstance)
                && !spec.privileges().capabilities().contains(Capability.SYS_ADMIN);
    }

    private static Set<NetworkRight> closed(NetworkPolicy network) {
        Set<NetworkRight> closed = EnumSet.noneOf(NetworkRight.class);
        network.tcpBind().ifPresent(_ -> closed.add(NetworkRight.BIND_TCP));
        network.tcpConnect().ifPresent(_ -> closed.add(NetworkRight.CONNECT_TCP));
        return closed;
    }

    private static List<PortRule> ports(NetworkPolicy network) {
        Map<Integer, Set<NetworkRight>> open = new TreeMap<>();
        open(open, network.tcpBind(), NetworkRight.BIND_TCP);
        open(open, network.tcpConnect(), NetworkRight.CONNECT_TCP);
        List<PortRule> rules = new ArrayList<>();
        open.forEach((port, rights) -> rules.add(new PortRule(port, rights)));
        return rules;
    }

    private static void open(
            Map<Integer, Set<NetworkRight>> open,
            Optional<Set<Integer>> ports,
            NetworkRight right) {
        for (int port : ports.orElse(Collections.emptySet())) {
            open.computeIfAbsent(port, _ -> EnumSet.noneOf(NetworkRight.class)).add(right);
        }
    }

    private static List<LandlockPlan.PathRule> paths(MountPlan mounts, Set<FileRight> known) {
        PathRules rules = new PathRules(known);
        mounts.base().steps().forEach(step -> base(rules, step));
        mounts.own().forEach(step -> own(rules, step));
        return rules.list();
    }

    /// What the base shows of the host are programs, but for what lies in `/etc`.
    private static void base(PathRules rules, MountStep step) {
        if (step instanceof MountStep.Bind(var source, var target, _)) {
            if (!target.path().startsWith("etc/")) {
                add(rules, "/" + target.path(), source.directory(), EnumSet.of(EXECUTE));
            }
        } else {
            own(rules, step);
        }
    }

    private static void own(PathRules rules, MountStep step) {
        switch (step) {
            case MountStep.NewRoot _ -> rules.directory("/", READ);
            case MountStep.DirectoryRoot(_, boolean writable) -> {
                Attributes attributes = new Attributes(!writable, true, false, false);
                rules.directory("/", READ);
                rules.directory("/", rights(attributes));
            }
            case MountStep.Bind(var source, var target, Attributes attributes) ->
                    add(rules, "/" + target.path(), source.directory(), rights(attributes));
            case MountStep.Scratch(List<String> places, _, _) ->
                    places.forEach(place -> {
                        rules.directory("/" + place, WRITE);
                        rules.directory("/" + place, EnumSet.of(EXECUTE));
                    });
            case MountStep.Tmpfs(var target, _, _, _, boolean executable) -> {
                rules.directory("/" + target.path(), WRITE);
                if (executable) {
                    rules.directory("/" + target.path(), EnumSet.of(EXECUTE));
                }
            }
            case MountStep.Terminals(var target, _) ->
                    rules.directory(
                            "/" + target.path(), EnumSet.of(READ_FILE, WRITE_FILE, IOCTL_DEV));
            case MountStep.MessageQueues(var target) -> rules.directory("/" + target.path(), WRITE);
            case MountStep.Device(String name, var target) -> device(rules, name, target.path());
            case MountStep.WriteFile(String path, _, int mode) -> {
                if ((mode & 0111) != 0) {
                    rules.file("/" + path, EnumSet.of(EXECUTE));
                }
            }
            // Names of threads and the like, and what the sandbox's own user may change.
            case MountStep.Proc(var target, _) ->
                    rules.directory("/" + target.path(), EnumSet.of(WRITE_FILE, TRUNCATE));
            case MountStep.HostProc(var target) ->
                    rules.directory("/" + target.path(), EnumSet.of(WRITE_FILE, TRUNCATE));
            case MountStep.MakeDirectory _,
                    MountStep.MakeFile _,
                    MountStep.MakeSymlink _,
                    MountStep.HideProc _,
                    MountStep.ReadOnlyProc _,
                    MountStep.SealRoot _ -> {}
        }
    }

    /// The directory opens its devices together: where the sandbox has made it, nothing else can be
    /// written there. A standard stream may be `/dev/null` of the host.
    private static void device(PathRules rules, String name, String path) {
        Set<FileRight> rights = EnumSet.of(READ_FILE, WRITE_FILE, IOCTL_DEV);
        rules.directory("/" + path.substring(0, path.lastIndexOf('/')), rights);
        if (name.equals("null")) {
            rules.device("/" + path, rights);
        }
    }

    private static Set<FileRight> rights(Attributes attributes) {
        Set<FileRight> rights = EnumSet.of(RESOLVE_UNIX);
        if (!attributes.readOnly()) {
            rights.addAll(WRITE);
        }
        if (!attributes.noExecution()) {
            rights.add(EXECUTE);
        }
        if (!attributes.noDevices()) {
            // A read-only mount lets devices be written to.
            rights.addAll(EnumSet.of(WRITE_FILE, IOCTL_DEV));
        }
        return rights;
    }

    private static void add(
            PathRules rules, String path, boolean directory, Set<FileRight> rights) {
        if (directory) {
            rules.directory(path, rights);
        } else {
            rules.file(path, rights);
        }
    }
}
