package io.cloister.sandbox.linux.landlock;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A domain of Landlock: what is closed, and what is open all the same.
///
/// @param abi the version of the kernel's interface it is made for
/// @param files the rights over files that are closed wherever no rule opens them; empty: all files
///   are left to the other walls
/// @param ports likewise for ports
/// @param scoped whether signals and abstract Unix sockets end at the domain: what is in it reaches
///   its own processes alone
/// @param paths what is open below paths
/// @param scratch what is open below the directory that is passed with the launch as the first of
///   its trees; empty: there is none
/// @param openPorts what is open for ports
public record LandlockPlan(
        int abi,
        Set<FileRight> files,
        Set<NetworkRight> ports,
        boolean scoped,
        List<PathRule> paths,
        Set<FileRight> scratch,
        List<PortRule> openPorts) {

    /// The first version with scopes.
    public static final int SCOPES = 6;

    /// The first version with rights over ports.
    public static final int PORTS = 4;

    /// The first version whose domains may rename between directories.
    public static final int FILES = 2;

    /// No domain.
    public static final LandlockPlan NONE =
            new LandlockPlan(0, Set.of(), Set.of(), false, List.of(), Set.of(), List.of());

    /// `LANDLOCK_SCOPE_SIGNAL`.
    public static final long SIGNALS = 1 << 1;

    // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
    private static final long SCOPE_BITS = 1 | SIGNALS;

    // LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF
    private static final int LOG_SUBDOMAINS_OFF = 1 << 2;
    private static final int LOG_FLAGS = 7;

    /// What is open at a path and below it.
    ///
    /// @param path absolute, as the command sees it
    /// @param directory whether it is a directory
    /// @param rights what is open
    /// @param hosts whether nobody but the host's administrator can change the way to it: then
    ///   links are followed, and what is not there is passed over
    public record PathRule(String path, boolean directory, Set<FileRight> rights, boolean hosts) {

        /// Copies.
        public PathRule {
            Set<FileRight> copy = EnumSet.noneOf(FileRight.class);
            copy.addAll(rights);
            rights = Collections.unmodifiableSet(copy);
        }

        /// The bits for the kernel.
        public long bits() {
            return FileRight.bits(rights);
        }

        /// For example `/usr: execute`.
        @Override
        public String toString() {
            boolean all = rights.contains(FileRight.MAKE_REG);
            return path
                    + ": "
                    + (all
                            ? rights.contains(FileRight.EXECUTE) ? "all" : "all but execute"
                            : rights.stream()
                                    .map(FileRight::toString)
                                    .collect(Collectors.joining(" ")));
        }
    }

    /// What is open for a port.
    ///
    /// @param port the port; 0 stands for one that the kernel chooses
    /// @param rights what is open
    public record PortRule(int port, Set<NetworkRight> rights) {

        /// Copies.
        public PortRule {
            Set<NetworkRight> copy = EnumSet.noneOf(NetworkRight.class);
            copy.addAll(rights);
            rights = Collections.unmodifiableSet(copy);
        }

        /// The bits for the kernel.
        public long bits() {
            return NetworkRight.bits(rights);
        }

        /// For example `port 80: connect_tcp`.
        @Override
        public String toString() {
            return "port "
                    + port
                    + ": "
                    + rights.stream().map(NetworkRight::toString).collect(Collectors.joining(" "));
        }
    }

    /// Copies.
    public LandlockPlan {
        Set<FileRight> closed = EnumSet.noneOf(FileRight.class);
        closed.addAll(files);
        files = Collections.unmodifiableSet(closed);
        Set<NetworkRight> closedPorts = EnumSet.noneOf(NetworkRight.class);
        closedPorts.addAll(ports);
        ports = Collections.unmodifiableSet(closedPorts);
        Set<FileRight> inScratch = EnumSet.noneOf(FileRight.class);
        inScratch.addAll(scratch);
        scratch = Collections.unmodifiableSet(inScratch);
        paths = List.copyOf(paths);
        openPorts = List.copyOf(openPorts);
    }

    /// Whether there is nothing to install; the kernel would refuse such a domain (`ENOMSG`).
    public boolean isEmpty() {
        return files.isEmpty() && ports.isEmpty() && !scoped;
    }

    /// `handled_access_fs`.
    public long fileBits() {
        return FileRight.bits(files);
    }

    /// The bits for the directory that is passed.
    public long scratchBits() {
        return FileRight.bits(scratch);
    }

    /// `handled_access_net`.
    public long portBits() {
        return NetworkRight.bits(ports);
    }

    /// `scoped`.
    public long scopeBits() {
        return scoped ? SCOPE_BITS : 0;
    }

    /// The size of struct landlock_ruleset_attr that this version knows.
    public int attributeSize() {
        return abi >= SCOPES ? 24 : abi >= PORTS ? 16 : 8;
    }

    /// The flags of landlock_restrict_self(2). What a program is refused goes to no log, since its
    /// domain was made before execve(2); the same is asked for domains that it makes itself, or it
    /// could fill the log with those.
    public int flags() {
        return abi >= LOG_FLAGS ? LOG_SUBDOMAINS_OFF : 0;
    }

    /// For example `ABI 7, 9 paths, 2 ports, own signals`.
    public String summary() {
        StringBuilder text = new StringBuilder("ABI " + abi);
        if (!files.isEmpty()) {
            text.append(", ").append(count(paths.size() + (scratch.isEmpty() ? 0 : 1), "path"));
        }
        if (!ports.isEmpty()) {
            text.append(", ").append(count(openPorts.size(), "port"));
        }
        if (scoped) {
            text.append(", signals and abstract sockets of its own only");
        }
        return text.toString();
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
