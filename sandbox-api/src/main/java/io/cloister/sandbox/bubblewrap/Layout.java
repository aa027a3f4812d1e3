package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What stands where in the tree so far. Places are absolute, without a trailing slash.
final class Layout {
    /// As many links as the kernel follows; path_resolution(7).
    private static final int MAX_LINKS = 40;

    private final BubblewrapCaller caller;
    private final List<Mount> mounts = new ArrayList<>();
    private @Nullable Bind root;
    private boolean devices;
    private boolean proc;

    Layout(BubblewrapCaller caller) {
        this.caller = caller;
    }

    List<Mount> mounts() {
        return mounts;
    }

    /// The root, if it shows a directory of the host; its destination says nothing.
    Optional<Bind> root() {
        return Optional.ofNullable(root);
    }

    /// Begins again, with another root.
    void begin(@Nullable Bind other) {
        mounts.clear();
        root = other;
        devices = false;
        proc = false;
    }

    void root(Bind other) {
        root = other;
    }

    /// Puts something else at the same place, without covering what lies below.
    void replace(Mount mount, Mount other) {
        mounts.set(mounts.indexOf(mount), other);
    }

    /// Puts a directory before what lies in it.
    void insertAbove(Mount directory) {
        int index = 0;
        while (!isBelow(directory.destination(), mounts.get(index).destination())) {
            index++;
        }
        mounts.add(index, directory);
    }

    boolean hasDevices() {
        return devices;
    }

    /// The sandbox's own `/dev`, in place of what stood there.
    void devices(boolean own) {
        cover("/dev");
        devices = own;
    }

    boolean hasProc() {
        return proc;
    }

    void proc() {
        proc = true;
    }

    /// Puts something over what stands there and below.
    void put(Mount mount) {
        cover(mount.destination());
        if (mount.destination().equals("/dev")) {
            devices = false;
        }
        mounts.add(mount);
    }

    private void cover(String place) {
        mounts.removeIf(m -> isAtOrBelow(place, m.destination()));
    }

    Optional<Mount> at(String place) {
        return mounts.stream().filter(m -> m.destination().equals(place)).findFirst();
    }

    /// What a place lies in; of a mount point what it is in.
    Ground ground(String place) {
        Mount covering = null;
        for (Mount mount : mounts) {
            boolean covers =
                    switch (mount) {
                        case Bind bind -> isThere(bind);
                        case Tmpfs _ -> true;
                        case FileContent _, Symlink _, EmptyDirectory _, Terminals _ -> false;
                    };
            if (covers
                    && isBelow(mount.destination(), place)
                    && (covering == null
                            || covering.destination().length() < mount.destination().length())) {
                covering = mount;
            }
        }
        if (covering instanceof Bind bind) {
            return ground(bind, bind.destination(), place);
        }
        if (covering != null) {
            return new Ground.Own(false);
        }
        if (root == null) {
            return new Ground.Own(!(devices && isBelow("/dev/shm", place)));
        }
        return isBelow("/dev", place) ? new Ground.Own(false) : ground(root, "", place);
    }

    private boolean isThere(Bind bind) {
        return !bind.optional()
                || !(bind.source() instanceof BindSource.HostPath(Path path))
                || caller.find(path).isPresent();
    }

    private static Ground ground(Bind bind, String at, String place) {
        return switch (bind.source()) {
            case BindSource.HostPath(Path tree) -> {
                Path path = tree.resolve(place.substring(at.length() + 1));
                yield new Ground.Host(at, tree, path, bind.writable());
            }
            case BindSource.HostDescriptor _ -> new Ground.Unknown(at);
        };
    }

    /// The place that a path leads to, over links of this line and of the host.
    ///
    /// @return empty if it leads where only the launch can tell
    Optional<String> settle(String path) {
        String place = path;
        for (int i = 0; i < MAX_LINKS; i++) {
            Optional<String> next = step(place);
            if (next.isEmpty() || next.get().equals(place)) {
                return next;
            }
            place = next.get();
        }
        return Optional.empty();
    }

    private Optional<String> step(String place) {
        if (place.equals("/")) {
            return Optional.of(place);
        }
        for (Mount mount : mounts) {
            if (mount instanceof Symlink(String link, String target) && isBelow(link, place)) {
                Path parent = Path.of(link).resolveSibling(target);
                return Optional.of(
                        parent.resolve(place.substring(link.length() + 1)).normalize().toString());
            }
        }
        if (!(ground(place) instanceof Ground.Host(String at, Path tree, Path path, _))) {
            return Optional.of(place);
        }
        Path real =
                caller.find(path)
                        .or(() ->
                                Optional.ofNullable(path.getParent())
                                        .flatMap(caller::find)
                                        .map(parent -> parent.resolve(path.getFileName())))
                        .orElse(path);
        if (!real.startsWith(tree)) {
            return Optional.empty();
        }
        String rest = tree.relativize(real).toString();
        if (rest.isEmpty()) {
            return Optional.of(at.isEmpty() ? "/" : at);
        }
        return Optional.of(at + "/" + rest);
    }

    /// Whether something is there, as far as this line tells.
    boolean exists(String place) {
        return place.equals("/") || at(place).isPresent() || isOwnDirectory(place);
    }

    private boolean isOwnDirectory(String place) {
        boolean ownDevices = devices || root != null;
        return mounts.stream().anyMatch(m -> isBelow(place, m.destination()))
                || ownDevices && at("/dev").isEmpty() && isAtOrBelow(place, "/dev/shm")
                || proc && place.equals("/proc");
    }

    /// Whether the command can have a directory as its own.
    boolean hasDirectory(String path) {
        String place = settle(Path.of(path).normalize().toString()).orElse("");
        Optional<Mount> mount = at(place);
        if (mount.isPresent()) {
            return switch (mount.get()) {
                case Bind bind ->
                        bind.source() instanceof BindSource.HostPath(Path source)
                                && caller.canEnter(source, source, bind.writable());
                case Symlink(String link, String target) ->
                        !target.isEmpty()
                                && hasDirectory(
                                        Path.of(link)
                                                .resolveSibling(target)
                                                .normalize()
                                                .toString());
                case Tmpfs _, EmptyDirectory _, Terminals _ -> true;
                case FileContent _ -> false;
            };
        }
        if (place.equals("/") || isOwnDirectory(place)) {
            return true;
        }
        return !place.isEmpty()
                && ground(place) instanceof Ground.Host(_, Path tree, Path on, boolean writable)
                && caller.canEnter(tree, on, writable);
    }

    static boolean isBelow(String directory, String place) {
        return place.startsWith(directory + "/");
    }

    static boolean isAtOrBelow(String directory, String place) {
        return place.equals(directory) || isBelow(directory, place);
    }
}
