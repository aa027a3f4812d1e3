package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Tmpfs;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// The file tree that the options build, one after the other.
///
/// The root of bubblewrap is a file system in memory that belongs to the command. Ours is read-only
/// once it is complete, so each directory that `--dir` makes in it becomes a file system in memory
/// of its own, unless `--remount-ro /` asks for what we have.
final class Tree {
    /// As much as the memory of a run by default, which what is written counts towards.
    static final Bytes DEFAULT_SIZE = Bytes.mebibytes(1024);

    private static final int FILE_MODE = 0666;
    private static final int DATA_MODE = 0600;
    private static final Path HOST_ROOT = Path.of("/");

    private final BubblewrapCaller caller;
    private final List<String> notes;
    private final Layout layout;
    private final ProcView proc = new ProcView();
    private final Set<String> made = new HashSet<>();
    private boolean rootDevices;
    private boolean sealed;

    Tree(BubblewrapCaller caller, List<String> notes) {
        this.caller = caller;
        this.notes = notes;
        layout = new Layout(caller);
    }

    boolean hasDirectory(String path) {
        return layout.hasDirectory(path);
    }

    void bind(Given given, BindKind kind) {
        Path asked = caller.directory().resolve(given.first());
        Optional<Path> found = caller.find(asked);
        Path source = found.orElse(asked.normalize());
        String destination = given.destination();
        boolean missing = found.isEmpty() && kind.optional();
        if (missing && (layout.exists(destination) || Layout.isAtOrBelow("/proc", destination))) {
            return;
        }
        if (Layout.isAtOrBelow("/proc", destination)) {
            proc.bind(given, source, kind.writable());
            if (destination.equals("/proc")) {
                layout.proc();
            }
            return;
        }
        boolean writable = kind.writable();
        if (kind.devices() && caller.uid() == 0 && source.startsWith("/dev")) {
            writable = false;
            notes.add(given.note("devices can be written to; files cannot be made there"));
        }
        Bind bind =
                new Bind(
                        given.checked(() -> new BindSource.HostPath(source)),
                        "/root",
                        writable,
                        kind.optional(),
                        true,
                        kind.devices(),
                        true);
        if (destination.equals("/")) {
            begin(bind);
            rootDevices = kind.devices();
        } else {
            String place = mountPoint(given, OptionalInt.empty());
            layout.put(given.checked(() -> bind.to(place)));
        }
    }

    void bindDescriptor(Given given, boolean writable) {
        if (given.destination().equals("/")) {
            throw given.refused("the root is a directory by its path: --ro-bind or --bind");
        }
        int descriptor = given.descriptor();
        String place = mountPoint(given, OptionalInt.empty());
        layout.put(
                given.checked(() ->
                        writable
                                ? Bind.writable(descriptor, place)
                                : Bind.readOnly(descriptor, place)));
    }

    private void begin(@Nullable Bind root) {
        layout.begin(root);
        made.clear();
        sealed = false;
    }

    void tmpfs(Given given, OptionalInt mode, OptionalLong size) {
        String destination = given.destination();
        if (destination.equals("/")) {
            begin(null);
        } else if (Layout.isBelow("/proc", destination)) {
            proc.hide(given, destination);
        } else {
            String place = mountPoint(given, mode);
            Bytes bytes = size.isPresent() ? Bytes.of(size.getAsLong()) : DEFAULT_SIZE;
            int permissions = mode.orElse(Tmpfs.DEFAULT_MODE);
            layout.put(
                    given.checked(
                            () -> new Tmpfs(place, bytes, Tmpfs.DEFAULT_INODES, permissions)));
        }
    }

    void proc(Given given) {
        if (!given.destination().equals("/proc")) {
            throw given.refused("proc can only be at /proc, was " + Given.quoted(given.last()));
        }
        proc.own();
        layout.proc();
    }

    void devices(Given given) {
        if (!given.destination().equals("/dev")) {
            throw given.refused("dev can only be at /dev, was " + Given.quoted(given.last()));
        }
        layout.devices(true);
    }

    void messageQueues(Given given) {
        boolean there = layout.hasDevices() || layout.root().isPresent();
        if (!given.destination().equals("/dev/mqueue") || !there) {
            notes.add(given.note("they are at /dev/mqueue, where --dev /dev stands before"));
        }
    }

    void directory(Given given, OptionalInt mode) {
        String destination = given.destination();
        if (Layout.isAtOrBelow("/proc", destination)) {
            notes.add(given.note("what is in /proc the kernel says"));
            return;
        }
        String place = settle(given);
        if (layout.exists(place)) {
            return;
        }
        switch (layout.ground(place)) {
            case Ground.Own _ -> {
                parents(place, mode);
                int permissions = mode.orElse(EmptyDirectory.DEFAULT_MODE);
                layout.put(given.checked(() -> new EmptyDirectory(place, permissions)));
                made.add(place);
            }
            case Ground.Host(String at, _, Path path, _) -> {
                if (caller.find(path).isEmpty()) {
                    notes.add(given.note(notMade(at)));
                }
            }
            case Ground.Unknown(String at) -> notes.add(given.note(notMade(at)));
        }
    }

    private static String notMade(String at) {
        return "not made in %s, which shows a tree of the host: make it there"
                .formatted(at.isEmpty() ? "/" : at);
    }

    void file(Given given, byte[] content, OptionalInt mode) {
        content(given, content, mode.orElse(FILE_MODE), mode);
    }

    void data(Given given, byte[] content, OptionalInt mode, boolean writable) {
        String place = content(given, content, mode.orElse(DATA_MODE), mode);
        boolean inRoot = layout.ground(place).equals(new Ground.Own(true));
        if (writable && inRoot) {
            notes.add(given.note("read-only; in a --tmpfs or --dir it could be written to"));
        } else if (!writable && !inRoot) {
            notes.add(given.note("writable, as what it lies in is"));
        }
    }

    private String content(Given given, byte[] content, int permissions, OptionalInt mode) {
        String place = ownPlace(given);
        if (layout.at(place).filter(m -> !(m instanceof FileContent)).isPresent()) {
            throw given.refused("something else is there already");
        }
        parents(place, mode);
        layout.put(given.checked(() -> new FileContent(place, content, permissions)));
        return place;
    }

    void symlink(Given given) {
        String place = ownPlace(given);
        Symlink link = given.checked(() -> new Symlink(place, given.first()));
        if (layout.at(place).filter(link::equals).isPresent()) {
            return;
        }
        if (layout.exists(place)) {
            throw given.refused("something else is there already");
        }
        parents(place, OptionalInt.empty());
        layout.put(link);
    }

    /// A place where something of ours can be made.
    private String ownPlace(Given given) {
        String place = settle(given);
        if (place.equals("/")) {
            throw given.refused("expected a place below the root");
        }
        return switch (layout.ground(place)) {
            case Ground.Own _ -> place;
            case Ground.Host(String at, _, _, _) -> throw notOurs(given, at);
            case Ground.Unknown(String at) -> throw notOurs(given, at);
        };
    }

    private static IllegalArgumentException notOurs(Given given, String at) {
        return given.refused(
                "nothing is made in %s, which shows a tree of the host: make it there, or bind a file that has it"
                        .formatted(at.isEmpty() ? "/" : at));
    }

    private String mountPoint(Given given, OptionalInt mode) {
        String place = settle(given);
        if (layout.at(place).filter(Symlink.class::isInstance).isPresent()) {
            throw given.refused("a link is there already; name what it leads to");
        }
        parents(place, mode);
        return place;
    }

    private String settle(Given given) {
        return layout.settle(given.destination())
                .orElseThrow(() ->
                        given.refused(
                                "the way to it leads over a link out of its tree; name the place"
                                        + " itself"));
    }

    /// Directories on the way are 0755, but closed to those to whom `--perms` closes the place.
    private void parents(String place, OptionalInt mode) {
        if (mode.isEmpty()) {
            return;
        }
        int closed = 0;
        closed |= (mode.getAsInt() & 070) == 0 ? 070 : 0;
        closed |= (mode.getAsInt() & 07) == 0 ? 07 : 0;
        int slash = place.indexOf('/', 1);
        while (closed != 0 && slash > 0) {
            String parent = place.substring(0, slash);
            if (!layout.exists(parent) && layout.ground(parent) instanceof Ground.Own) {
                layout.put(new EmptyDirectory(parent, EmptyDirectory.DEFAULT_MODE & ~closed));
            }
            slash = place.indexOf('/', slash + 1);
        }
    }

    void remountReadOnly(Given given) {
        String place = given.destination();
        if (place.equals("/")) {
            layout.root().ifPresent(bind -> layout.root(readOnly(bind)));
            sealed = true;
            return;
        }
        boolean ownDevices = place.equals("/dev") && layout.hasDevices();
        if (place.equals("/proc") && layout.hasProc() || ownDevices) {
            notes.add(given.note("what can be changed there is what every sandbox may change"));
            return;
        }
        String settled = settle(given);
        switch (layout.at(settled).orElse(null)) {
            case Bind bind -> layout.replace(bind, readOnly(bind));
            case Tmpfs tmpfs when layout.ground(settled).equals(new Ground.Own(true)) ->
                    layout.replace(tmpfs, new EmptyDirectory(settled, tmpfs.mode()));
            case Tmpfs _ -> notes.add(given.note("stays writable, as what it lies in is"));
            case null, default -> throw given.refused("no mount of this line is there");
        }
    }

    private static Bind readOnly(Bind bind) {
        return new Bind(
                bind.source(),
                bind.destination(),
                false,
                bind.optional(),
                bind.executable(),
                bind.devices(),
                bind.followSymlinks());
    }

    void changeMode(Given given) {
        int mode = given.mode();
        if (given.destination().equals("/") || Layout.isAtOrBelow("/proc", given.destination())) {
            notes.add(given.note("its permissions stay"));
            return;
        }
        String place = settle(given);
        Mount mount = layout.at(place).orElse(null);
        Mount changed =
                given.checked(() ->
                        switch (mount) {
                            case EmptyDirectory _ -> new EmptyDirectory(place, mode);
                            case FileContent file -> new FileContent(place, file.content(), mode);
                            case Tmpfs(_, var size, long inodes, _) ->
                                    new Tmpfs(place, size, inodes, mode);
                            case null, default -> new EmptyDirectory(place, mode);
                        });
        if (mount != null && mount.getClass() == changed.getClass()) {
            layout.replace(mount, changed);
        } else if (mount == null
                && layout.ground(place) instanceof Ground.Own
                && layout.exists(place)
                && !Layout.isAtOrBelow(place, "/dev/shm")) {
            layout.insertAbove(changed);
        } else {
            throw given.refused(
                    "only what this line makes can be changed, such as --dir and --file; change a"
                            + " file of the host there");
        }
    }

    /// Puts the tree into the policy.
    void apply(Sandbox.Builder builder, boolean ownProcesses) {
        Optional<Bind> root = layout.root();
        if (root.isPresent()) {
            directoryRoot(builder, root.get());
        } else {
            emptyRoot(builder);
        }
        layout.mounts().forEach(builder::mount);
        builder.proc(proc.policy(layout.hasProc(), ownProcesses, notes));
    }

    private void directoryRoot(Sandbox.Builder builder, Bind root) {
        if (!(root.source() instanceof BindSource.HostPath(Path directory))) {
            throw new IllegalStateException("a root without a path: " + root);
        }
        if (root.writable()) {
            builder.writableRoot(directory);
        } else {
            builder.root(directory);
        }
        // Every directory root has a /dev and a /tmp of its own unless something stands there.
        show(builder, root.to("/tmp"), directory.resolve("tmp"));
        if (rootDevices && !layout.hasDevices()) {
            Path devices = directory.resolve("dev");
            show(builder, caller.uid() == 0 ? readOnly(root).to("/dev") : root.to("/dev"), devices);
        } else if (directory.equals(HOST_ROOT)
                && !layout.hasDevices()
                && layout.at("/dev").isEmpty()) {
            notes.add("/dev: the sandbox's own, as with --dev /dev");
        }
        if (directory.equals(HOST_ROOT) && !layout.hasProc()) {
            notes.add("/proc: the sandbox's own, as with --proc /proc");
            layout.proc();
        }
    }

    private void show(Sandbox.Builder builder, Bind bind, Path source) {
        if (layout.at(bind.destination()).isEmpty() && caller.find(source).isPresent()) {
            builder.mount(
                    new Bind(
                            new BindSource.HostPath(source),
                            bind.destination(),
                            bind.writable(),
                            false,
                            true,
                            bind.devices(),
                            true));
        }
    }

    private void emptyRoot(Sandbox.Builder builder) {
        if (layout.hasDevices()) {
            builder.emptyRootWithDevices();
        } else {
            builder.emptyRoot();
        }
        if (sealed) {
            return;
        }
        for (Mount mount : List.copyOf(layout.mounts())) {
            if (mount instanceof EmptyDirectory(String place, int mode)
                    && made.contains(place)
                    && layout.ground(place).equals(new Ground.Own(true))) {
                layout.replace(mount, new Tmpfs(place, DEFAULT_SIZE, Tmpfs.DEFAULT_INODES, mode));
            }
        }
        notes.add("/: read-only for the command, as after --remount-ro /");
    }
}
