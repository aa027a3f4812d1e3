package io.cloister.sandbox.linux.landlock;

import static io.cloister.sandbox.linux.landlock.FileRight.EXECUTE;
import static io.cloister.sandbox.linux.landlock.FileRight.IOCTL_DEV;
import static io.cloister.sandbox.linux.landlock.FileRight.READ_FILE;
import static io.cloister.sandbox.linux.landlock.FileRight.TRUNCATE;
import static io.cloister.sandbox.linux.landlock.FileRight.WRITE_FILE;

import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.mount.HostTree;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Decides what is in the domain of a command of the *confined* tier, where the domain is the only
/// wall around files: the host's own paths, of which those are open that a minimal root would show,
/// the binds of the policy, and a private directory.
public final class ConfinedPlanner {

    /// The version without which a process of the same user could be signalled.
    public static final int NEEDED = LandlockPlan.SCOPES;

    private static final Set<FileRight> PROGRAMS = with(LandlockPlanner.READ, EXECUTE);

    private static final Set<FileRight> DEVICE = EnumSet.of(READ_FILE, WRITE_FILE, IOCTL_DEV);

    /// What runtimes want to know of the machine.
    private static final List<String> MACHINE = List.of("/proc/cpuinfo", "/proc/meminfo");

    private ConfinedPlanner() {}

    /// A bind of the policy: the host's path, at the same path.
    ///
    /// @param path without symbolic links
    /// @param directory whether it is a directory
    /// @param writable whether it may be changed
    /// @param executable whether programs in it may be executed
    /// @param devices whether devices in it may be controlled
    public record Place(
            String path,
            boolean directory,
            boolean writable,
            boolean executable,
            boolean devices) {}

    /// Checks that the tier can be had.
    ///
    /// @throws SandboxUnavailableException if not
    public static void admit(LandlockSupport support) {
        if (support.abi() >= NEEDED) {
            return;
        }
        throw new SandboxUnavailableException(
                "confined() needs Landlock of ABI %d, and %s: a process of the same user could be signalled"
                        .formatted(
                                NEEDED,
                                support.isThere()
                                        ? "this kernel has ABI " + support.abi()
                                        : support.missing()),
                "Landlock of ABI " + NEEDED,
                "run a kernel from 6.12 on with Landlock enabled, or allow user namespaces and"
                        + " leave confined() out");
    }

    /// The domain.
    ///
    /// @param host what the host has
    /// @param places the binds
    public static LandlockPlan plan(HostTree host, List<Place> places, LandlockSupport support) {
        Set<FileRight> known = FileRight.knownTo(support.abi());
        PathRules rules = new PathRules(known);
        for (HostTree.Entry entry : host.root()) {
            if (entry.linkTarget().isEmpty()) {
                rules.host("/" + entry.name(), entry.directory(), PROGRAMS);
            }
        }
        for (HostTree.Entry entry : host.etc()) {
            if (entry.linkTarget().isEmpty()) {
                rules.host("/etc/" + entry.name(), entry.directory(), LandlockPlanner.READ);
            }
        }
        host.devices().forEach(name -> rules.host("/dev/" + name, false, DEVICE));
        // Of the command itself; its children have none.
        rules.host("/proc/self", true, with(LandlockPlanner.READ, WRITE_FILE, TRUNCATE));
        MACHINE.forEach(path -> rules.host(path, false, LandlockPlanner.READ));
        places.forEach(place -> add(rules, place));
        Set<FileRight> scratch = with(LandlockPlanner.WRITE, EXECUTE);
        scratch.retainAll(known);
        return new LandlockPlan(
                support.abi(),
                known,
                NetworkRight.knownTo(support.abi()),
                true,
                rules.list(),
                scratch,
                List.of());
    }

    private static void add(PathRules rules, Place place) {
        Set<FileRight> rights = EnumSet.copyOf(LandlockPlanner.READ);
        if (place.writable()) {
            rights.addAll(LandlockPlanner.WRITE);
        }
        if (place.executable()) {
            rights.add(EXECUTE);
        }
        if (place.devices()) {
            // To write to a device is to write to a file: Landlock does not tell them apart.
            rights.add(IOCTL_DEV);
        }
        if (place.directory()) {
            rules.directory(place.path(), rights);
        } else {
            rules.file(place.path(), rights);
        }
    }

    private static Set<FileRight> with(Set<FileRight> rights, FileRight... more) {
        Set<FileRight> all = EnumSet.copyOf(rights);
        all.addAll(List.of(more));
        return all;
    }
}
