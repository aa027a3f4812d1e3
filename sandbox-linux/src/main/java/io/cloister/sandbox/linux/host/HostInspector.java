package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.mount.HostTree;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.Rlimits;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.Rlimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

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
            List.of("null", "zero", "full", "random", "urandom");

    private static final int CAP_SETGID = 6;
    private static final int CAP_SETUID = 7;

    private HostInspector() {}

    /// The facts.
    public static HostFacts inspect() {
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
                Kernel.hasKeyrings(),
                hard,
                new HostTree(
                        entries(Path.of("/"), ROOT),
                        entries(Path.of("/etc"), ETC),
                        proc(),
                        devices(),
                        resolverConfiguration()));
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

    private static List<HostTree.ProcEntry> proc() {
        ProcFilesystem standard = ProcFilesystem.standard();
        List<HostTree.ProcEntry> entries = new ArrayList<>();
        try (Stream<Path> top = Files.list(Path.of("/proc"))) {
            top.filter(p -> !Character.isDigit(p.getFileName().toString().charAt(0)))
                    .filter(p -> !Files.isSymbolicLink(p))
                    .forEach(
                            p ->
                                    entries.add(
                                            procEntry(
                                                    p,
                                                    standard.readOnly().contains(p.toString()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    private static HostTree.ProcEntry procEntry(Path path, boolean readOnly) {
        boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            // A directory that is to be read-only may hold files that others can write to.
            boolean closed =
                    readOnly && !directory
                            ? !permissions.contains(PosixFilePermission.OTHERS_WRITE)
                            : !permissions.contains(PosixFilePermission.OTHERS_READ);
            return new HostTree.ProcEntry(path.toString(), directory, closed);
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
