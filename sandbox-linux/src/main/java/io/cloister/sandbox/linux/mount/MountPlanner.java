package io.cloister.sandbox.linux.mount;

import io.cloister.sandbox.linux.mount.MountStep.Attributes;
import io.cloister.sandbox.linux.mount.MountStep.Target;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Orders the steps that build a sandbox's tree.
///
/// The root is a tmpfs of the sandbox's own, or a directory of the host. In a tmpfs of our own
/// mount points are made as needed. Below anything that comes from the host nothing is ever made: a
/// mount point must be there, and the way to it is resolved without following links. A mount of the
/// caller at a place where the minimal root would put something replaces it.
public final class MountPlanner {

    private static final int DIRECTORY_MODE = 0755;
    private static final int STICKY_MODE = 01777;

    /// The root itself holds mount points, links, and the policy's files.
    private static final long ROOT_SIZE = 1L << 30;

    private static final long ROOT_INODES = 1 << 16;
    private static final Attributes READ_ONLY = new Attributes(true, true, false, false);

    private final FilesystemPolicy policy;
    private final HostTree host;
    private final Map<Mount, Source> sources;
    private final Occupant occupant;
    private final List<MountStep> base = new ArrayList<>();
    private final List<MountStep> own = new ArrayList<>();
    private final Set<String> made = new HashSet<>();

    /// What covers which part of the tree: true for a tmpfs of our own.
    private final Map<String, Boolean> coverage = new LinkedHashMap<>();

    /// Who lives in the sandbox, for the files that name users and hosts.
    ///
    /// @param uid the user inside
    /// @param gid the group inside
    /// @param hostName the host's name inside
    /// @param home the home directory
    /// @param hostNetwork whether the sandbox uses the host's network
    /// @param hostProcesses whether the sandbox uses the host's PID namespace
    /// @param hostQueues whether the sandbox uses the host's IPC namespace
    public record Occupant(
            int uid,
            int gid,
            String hostName,
            String home,
            boolean hostNetwork,
            boolean hostProcesses,
            boolean hostQueues) {}

    private MountPlanner(
            FilesystemPolicy policy, HostTree host, Map<Mount, Source> sources, Occupant occupant) {
        this.policy = policy;
        this.host = host;
        this.sources = sources;
        this.occupant = occupant;
    }

    /// The steps for `policy`.
    ///
    /// @param policy what the tree is to be
    /// @param host what the host has
    /// @param rootSource where a directory root comes from; empty for the minimal host root
    /// @param sources where the binds come from; an optional bind without a source is left out
    /// @param occupant who lives there
    /// @throws IllegalArgumentException if a file, link or directory of the policy lies inside a
    ///   tree of the host
    public static MountPlan plan(
            FilesystemPolicy policy,
            HostTree host,
            Optional<Source> rootSource,
            Map<Mount, Source> sources,
            Occupant occupant) {
        MountPlanner planner = new MountPlanner(policy, host, sources, occupant);
        switch (policy.root()) {
            case RootFilesystem.MinimalHost _ -> planner.minimalRoot();
            case RootFilesystem.Directory(_, boolean writable) ->
                    planner.directoryRoot(rootSource.orElseThrow(), writable);
        }
        policy.mounts().forEach(planner::add);
        if (policy.root() instanceof RootFilesystem.MinimalHost) {
            planner.base.add(new MountStep.SealRoot());
        }
        planner.proc();
        return MountPlan.of(planner.base, planner.own);
    }

    /// Where a step that makes something at `path` belongs: what lies in the root itself is made
    /// before the root becomes read-only.
    private List<MountStep> stepsFor(String path) {
        return covering(path).isEmpty() && coverage.getOrDefault("", false) ? base : own;
    }

    /// Whether the caller puts something there. An optional bind without a source puts nothing.
    private boolean taken(String path) {
        return policy.mounts().stream()
                .filter(m -> !(m instanceof Bind) || sources.containsKey(m))
                .anyMatch(m -> m.destination().equals("/" + path));
    }

    private void minimalRoot() {
        base.add(new MountStep.NewRoot(ROOT_SIZE, ROOT_INODES));
        coverage.put("", true);
        for (HostTree.Entry entry : host.root()) {
            show("/", entry);
        }
        if (!taken("etc")) {
            parents("etc/x");
            host.etc().forEach(entry -> show("/etc/", entry));
            etcFiles();
        }
        if (!taken("dev")) {
            parents("dev/x");
            devices();
        }
        List<String> scratch = new ArrayList<>(List.of("tmp", "dev/shm"));
        scratch.removeIf(path -> taken(path) || path.startsWith("dev/") && taken("dev"));
        scratch.forEach(path -> directory(path, DIRECTORY_MODE));
        if (!scratch.isEmpty()) {
            own.add(
                    new MountStep.Scratch(
                            scratch, policy.scratchSize().value(), policy.scratchInodes()));
            scratch.forEach(path -> cover(path, true));
        }
        terminals();
        queues();
        if (policy.proc().view() != ProcFilesystem.View.ABSENT) {
            directory("proc", DIRECTORY_MODE);
        }
        for (String empty : List.of("run", "home")) {
            if (!taken(empty)) {
                directory(empty, DIRECTORY_MODE);
            }
        }
        if (!taken("var")) {
            link("var/tmp", "../tmp");
            link("var/run", "../run");
        }
    }

    private void show(String prefix, HostTree.Entry entry) {
        String path = (prefix + entry.name()).substring(1);
        if (taken(path)) {
            return;
        }
        if (entry.linkTarget().isPresent()) {
            link(path, entry.linkTarget().get());
            return;
        }
        Source source = new Source.Trusted("/" + path, entry.directory());
        base.add(new MountStep.Bind(source, point(path, entry.directory()), READ_ONLY));
        coverage.put(path, false);
    }

    private void etcFiles() {
        String ids = occupant.uid() + ":" + occupant.gid();
        StringBuilder passwd = new StringBuilder();
        StringBuilder group = new StringBuilder();
        if (occupant.uid() != 0) {
            passwd.append("root:x:0:0:root:/root:/bin/sh\n");
        }
        if (occupant.gid() != 0) {
            group.append("root:x:0:\n");
        }
        passwd.append("sandbox:x:" + ids + ":sandbox:" + occupant.home() + ":/bin/sh\n");
        group.append("sandbox:x:" + occupant.gid() + ":\n");
        passwd.append("nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
        group.append("nogroup:x:65534:\n");
        text("etc/passwd", passwd.toString());
        text("etc/group", group.toString());
        text("etc/hosts", "127.0.0.1 localhost " + occupant.hostName() + "\n::1 localhost\n");
        text("etc/hostname", occupant.hostName() + "\n");
        text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        if (occupant.hostNetwork()) {
            text("etc/resolv.conf", host.resolverConfiguration());
        }
    }

    private void text(String path, String content) {
        if (!taken(path)) {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            parents(path);
            stepsFor(path).add(new MountStep.WriteFile(path, bytes, 0644));
        }
    }

    private void link(String path, String target) {
        if (!taken(path)) {
            parents(path);
            stepsFor(path).add(new MountStep.MakeSymlink(path, target));
        }
    }

    private void devices() {
        for (String name : host.devices()) {
            String path = "dev/" + name;
            if (!taken(path)) {
                List<MountStep> steps = stepsFor(path);
                steps.add(new MountStep.MakeFile(path));
                steps.add(new MountStep.Device(name, new Target(path, true)));
            }
        }
        link("dev/fd", "/proc/self/fd");
        link("dev/stdin", "/proc/self/fd/0");
        link("dev/stdout", "/proc/self/fd/1");
        link("dev/stderr", "/proc/self/fd/2");
    }

    /// Whoever puts something else at one of the names has terminals of his own.
    private void terminals() {
        boolean always = policy.mounts().contains(new Terminals());
        if (taken("dev")) {
            return;
        }
        if (always || !taken("dev/pts") && !taken("dev/ptmx")) {
            own.add(new MountStep.Terminals(point("dev/pts", true), always));
            cover("dev/pts", false);
            link("dev/ptmx", "pts/ptmx");
        }
    }

    /// Where a rule of Landlock can open them. The host's own cannot be mounted in here.
    private void queues() {
        String path = "dev/mqueue";
        if (!occupant.hostQueues() && !taken("dev") && !taken(path)) {
            own.add(new MountStep.MessageQueues(point(path, true)));
            cover(path, false);
        }
    }

    private void directoryRoot(Source source, boolean writable) {
        base.add(new MountStep.DirectoryRoot(source, writable));
        coverage.put("", false);
        long size = policy.scratchSize().value();
        long inodes = policy.scratchInodes();
        for (String path : List.of("dev", "dev/shm", "tmp")) {
            if (!taken(path) && !(path.startsWith("dev/") && taken("dev"))) {
                boolean devices = path.equals("dev");
                Target target = point(path, true);
                int mode = devices ? DIRECTORY_MODE : STICKY_MODE;
                own.add(new MountStep.Tmpfs(target, size, inodes, mode, !devices));
                coverage.put(path, true);
            }
            if (path.equals("dev") && coverage.getOrDefault("dev", false)) {
                devices();
                terminals();
                queues();
            }
        }
    }

    private void proc() {
        ProcFilesystem proc = policy.proc();
        if (proc.view() == ProcFilesystem.View.ABSENT) {
            return;
        }
        Target target = point("proc", true);
        boolean processesOnly = proc.view() == ProcFilesystem.View.PROCESSES_ONLY;
        if (occupant.hostProcesses() && processesOnly) {
            throw new IllegalArgumentException(
                    "hostPid() shows the host's own /proc, which cannot be limited to processes");
        }
        own.add(
                occupant.hostProcesses()
                        ? new MountStep.HostProc(target)
                        : new MountStep.Proc(target, processesOnly));
        if (processesOnly) {
            return;
        }
        for (String path : proc.masked()) {
            open(path).ifPresent(e -> own.add(new MountStep.HideProc(below(path), e.directory())));
        }
        for (String path : proc.readOnly()) {
            open(path).ifPresent(_ -> own.add(new MountStep.ReadOnlyProc(below(path))));
        }
    }

    private Optional<HostTree.ProcEntry> open(String path) {
        return host.proc().stream().filter(e -> e.path().equals(path) && !e.closed()).findFirst();
    }

    private static String below(String procPath) {
        return procPath.substring("/proc/".length());
    }

    private void add(Mount mount) {
        String path = mount.destination().substring(1);
        switch (mount) {
            case Bind bind -> bind(bind, path);
            case Tmpfs(_, var size, long inodes, int mode) -> {
                Target target = point(path, true);
                own.add(new MountStep.Tmpfs(target, size.value(), inodes, mode, true));
                cover(path, true);
            }
            case FileContent file -> {
                requireOwn("file", path);
                parents(path);
                stepsFor(path).add(new MountStep.WriteFile(path, file.content(), file.mode()));
            }
            case Symlink(_, String target) -> {
                requireOwn("link", path);
                parents(path);
                stepsFor(path).add(new MountStep.MakeSymlink(path, target));
            }
            // Made already.
            case Terminals _ -> {
                if (taken("dev")) {
                    throw new IllegalArgumentException(
                            "terminals() needs a /dev of the sandbox's own, not a mount there");
                }
            }
            case EmptyDirectory(_, int mode) -> {
                requireOwn("directory", path);
                if (made.contains(path)) {
                    throw new IllegalArgumentException(
                            "directory /%s must be given before what lies in it".formatted(path));
                }
                directory(path, mode);
            }
        }
    }

    private void bind(Bind bind, String path) {
        Source source = sources.get(bind);
        if (source == null) {
            return;
        }
        Attributes attributes =
                new Attributes(
                        !bind.writable(),
                        !bind.devices(),
                        !bind.executable(),
                        !bind.followSymlinks());
        own.add(new MountStep.Bind(source, point(path, source.directory()), attributes));
        cover(path, false);
    }

    private void cover(String path, boolean own) {
        coverage.keySet().removeIf(p -> p.startsWith(path + "/"));
        made.removeIf(p -> p.startsWith(path + "/"));
        coverage.put(path, own);
    }

    private void requireOwn(String what, String path) {
        String covering = covering(path);
        if (!coverage.getOrDefault(covering, false)) {
            throw new IllegalArgumentException(
                    "%s /%s lies inside /%s, which shows a tree of the host: make it there"
                            .formatted(what, path, covering));
        }
    }

    /// The mount that `path` lies in.
    private String covering(String path) {
        return coverage.keySet().stream()
                .filter(p -> p.isEmpty() || path.startsWith(p + "/"))
                .max((a, b) -> Integer.compare(a.length(), b.length()))
                .orElse("");
    }

    /// Makes the mount point `path` where that is ours to do.
    private Target point(String path, boolean directory) {
        boolean own = coverage.getOrDefault(covering(path), false);
        if (own) {
            if (directory) {
                directory(path, DIRECTORY_MODE);
            } else {
                parents(path);
                if (made.add(path)) {
                    stepsFor(path).add(new MountStep.MakeFile(path));
                }
            }
        }
        return new Target(path, own);
    }

    private void directory(String path, int mode) {
        parents(path);
        if (!coverage.containsKey(path) && made.add(path)) {
            stepsFor(path).add(new MountStep.MakeDirectory(path, mode));
        }
    }

    private void parents(String path) {
        int slash = path.lastIndexOf('/');
        if (slash > 0) {
            String parent = path.substring(0, slash);
            if (!parent.equals(covering(path))) {
                directory(parent, DIRECTORY_MODE);
            }
        }
    }
}
