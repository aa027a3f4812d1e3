package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.program.Linux.CAP_SETPCAP;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.mount.HostTree;
import io.cloister.sandbox.linux.plan.ControlGroups;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.Rlimits;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.Rlimit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Looks at the host, once.
public final class HostInspector {

    /// Top-level entries of a minimal root, where the host has them.
    private static final List<String> ROOT =
            List.of("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32");

    /// What programs need below /etc to start, as glob patterns: never more than that.
    private static final List<String> ETC =
            List.of(
                    "ld.so.cache",
                    "ld.so.conf",
                    "ld.so.conf.d",
                    "ld-musl-*.path",
                    "alternatives",
                    "java",
                    "java-*",
                    "ssl/certs",
                    "ssl/openssl.cnf",
                    "pki/ca-trust",
                    "pki/tls/certs",
                    "pki/java",
                    "ca-certificates",
                    "crypto-policies",
                    "localtime",
                    "timezone",
                    "os-release",
                    "services",
                    "protocols");

    private static final List<String> DEVICES =
            List.of("null", "zero", "full", "random", "urandom", "tty");

    private static final int CAP_SETGID = 6;
    private static final int CAP_SETUID = 7;

    private HostInspector() {}

    /// The facts.
    ///
    /// @param cgroups the control groups
    public static HostFacts inspect(CgroupHost cgroups) {
        Map<Rlimit, Long> hard = new EnumMap<>(Rlimit.class);
        for (Rlimit limit : Rlimit.values()) {
            long value = Kernel.hardLimit(Rlimits.number(limit));
            if (value >= 0) {
                hard.put(limit, value);
            }
        }
        ProcessStatus self = ProcessStatus.self();
        return new HostFacts(
                self.uid(),
                self.gid(),
                self.uid() == 0
                        && self.initialUserNamespace()
                        && self.hasCapability(CAP_SETGID)
                        && self.hasCapability(CAP_SETUID),
                self.uid() == 0 && self.initialUserNamespace(),
                Kernel.hasKeyrings(),
                hard,
                new HostTree(
                        entries(Path.of("/"), ROOT),
                        entries(Path.of("/etc"), ETC),
                        standardProc(),
                        devices(),
                        resolverConfiguration()),
                controlGroups(cgroups),
                ControlProbe.probe(self.hasCapability(CAP_SETPCAP)),
                landlock(Kernel.landlockVersion()));
    }

    /// @param version what the kernel says of its version
    static LandlockSupport landlock(int version) {
        if (version > 0) {
            return LandlockSupport.of(version);
        }
        return LandlockSupport.missing(
                switch (Errno.nameOf(-version)) {
                    case "ENOSYS" -> "this kernel has no Landlock";
                    case "EOPNOTSUPP" -> "this kernel was started without Landlock";
                    default -> "landlock_create_ruleset failed: " + Errno.nameOf(-version);
                });
    }

    private static ControlGroups controlGroups(CgroupHost cgroups) {
        Map<Controller, ControlGroups.Missing> missing = new EnumMap<>(Controller.class);
        for (Controller controller : Controller.values()) {
            cgroups.missing(controller)
                    .ifPresent(m ->
                            missing.put(
                                    controller, new ControlGroups.Missing(m.why(), m.remedy())));
        }
        MountTable mounts = MountTable.parse(text(Path.of("/proc/self/mountinfo")));
        return new ControlGroups(
                cgroups.available(),
                cgroups.version1(),
                missing,
                hasSwap(),
                mounts.hidesProcesses(),
                mounts.ofType("cgroup2").stream().map(mount -> Path.of(mount.point())).toList());
    }

    private static boolean hasSwap() {
        // A line of headings, and one for each swap space.
        Path swaps = Path.of("/proc/swaps");
        return Files.exists(swaps) && text(swaps).lines().count() > 1;
    }

    private static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<HostTree.Entry> entries(Path directory, List<String> patterns) {
        List<HostTree.Entry> entries = new ArrayList<>();
        for (String pattern : patterns) {
            for (String name : matches(directory, pattern)) {
                entry(directory, name).ifPresent(entries::add);
            }
        }
        return entries;
    }

    private static Set<String> matches(Path directory, String pattern) {
        if (!pattern.contains("*")) {
            return Set.of(pattern);
        }
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, pattern)) {
            found.forEach(path -> names.add(directory.relativize(path).toString()));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<HostTree.Entry> entry(Path directory, String name) {
        Path path = directory.resolve(name);
        try {
            if (Files.isSymbolicLink(path)) {
                String target = Files.readSymbolicLink(path).toString();
                return Optional.of(new HostTree.Entry(name, false, Optional.of(target)));
            }
            if (Files.isDirectory(path)) {
                return Optional.of(new HostTree.Entry(name, true, Optional.empty()));
            }
            return Files.isRegularFile(path)
                    ? Optional.of(new HostTree.Entry(name, false, Optional.empty()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<HostTree.ProcEntry> standardProc() {
        ProcFilesystem standard = ProcFilesystem.standard();
        List<HostTree.ProcEntry> entries = new ArrayList<>(proc(standard.masked(), true));
        entries.addAll(proc(standard.readOnly(), true));
        return entries;
    }

    /// What the host has of `paths` below /proc.
    ///
    /// @param standard whether these are the usual ones, of which those that nobody but the host's
    ///   root can open need nothing
    public static List<HostTree.ProcEntry> proc(Collection<String> paths, boolean standard) {
        List<HostTree.ProcEntry> entries = new ArrayList<>();
        for (String path : paths) {
            Path entry = Path.of(path);
            if (Files.exists(entry)) {
                boolean directory = Files.isDirectory(entry);
                boolean closed = standard && !directory && isClosed(entry);
                entries.add(new HostTree.ProcEntry(path, directory, closed));
            }
        }
        return entries;
    }

    private static boolean isClosed(Path path) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            boolean write = ProcFilesystem.standard().readOnly().contains(path.toString());
            return !permissions.contains(
                    write ? PosixFilePermission.OTHERS_WRITE : PosixFilePermission.OTHERS_READ);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> devices() {
        return DEVICES.stream()
                .filter(name -> DeviceNumbers.isCharacterDevice(Path.of("/dev", name)))
                .toList();
    }

    private static String resolverConfiguration() {
        try {
            Path path = Path.of("/etc/resolv.conf");
            return Files.isReadable(path) ? Files.readString(path) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
