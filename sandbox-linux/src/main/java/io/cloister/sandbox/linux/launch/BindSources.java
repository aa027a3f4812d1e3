package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Kernel.FileStatus;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.RootFilesystem;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds where the binds of one launch come from.
///
/// For an ordinary user the child opens each source itself, and checks that it is the inode found
/// here. For a privileged JVM the child is another user, so the mount is prepared here, with the
/// JVM's rights, and passed as a descriptor; where the sandbox is to act as the owner of a tree, it
/// is idmapped.
final class BindSources implements AutoCloseable {

    private static final int OTHERS_READ = 4;
    private static final int OTHERS_ENTER = 5;

    private final Map<Mount, Source> sources = new HashMap<>();
    private final List<Integer> trees = new ArrayList<>();
    private Optional<Source> root = Optional.empty();
    private final @Nullable Owners owners;

    /// Gives the user namespace for mounts that act as an owner.
    @FunctionalInterface
    interface Owners {
        /// A descriptor of a user namespace that maps this owner to the sandbox's host user.
        int namespace(int uid, int gid);
    }

    private BindSources(@Nullable Owners owners) {
        this.owners = owners;
    }

    /// Resolves the binds of `spec`; on failure nothing stays open.
    ///
    /// @param owners absent for an ordinary user
    static BindSources resolve(SandboxSpec spec, Optional<Owners> owners) {
        BindSources found = new BindSources(owners.orElse(null));
        if (!spec.newNamespaces().contains(Namespace.MOUNT)) {
            return found;
        }
        try {
            if (spec.filesystem().root()
                    instanceof RootFilesystem.Directory(Path path, boolean writable)) {
                Bind bind = writable ? Bind.writable(path, "/root") : Bind.readOnly(path, "/root");
                found.root = found.source(bind, path + " -> /");
            }
            for (Mount mount : spec.filesystem().mounts()) {
                if (mount instanceof Bind bind) {
                    String detail = bind.source() + " -> " + bind.destination();
                    found.source(bind, detail).ifPresent(s -> found.sources.put(bind, s));
                }
            }
            return found;
        } catch (RuntimeException e) {
            found.close();
            throw e;
        }
    }

    /// Where the root comes from, if it is a directory.
    Optional<Source> root() {
        return root;
    }

    /// Where each bind comes from.
    Map<Mount, Source> sources() {
        return sources;
    }

    /// The prepared mounts, in the order of their index.
    List<Integer> trees() {
        return trees;
    }

    private Optional<Source> source(Bind bind, String detail) {
        int fd =
                switch (bind.source()) {
                    case BindSource.HostPath(Path path) ->
                            Kernel.openWithoutLinks(path.toString(), O_PATH | O_CLOEXEC, 0);
                    case BindSource.HostDescriptor(int descriptor) ->
                            Kernel.fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
                };
        if ((Errno.ENOENT.is(fd) || Errno.ENOTDIR.is(fd)) && bind.optional()) {
            return Optional.empty();
        }
        LaunchErrors.check(SetupStep.MOUNT, detail, fd);
        try {
            FileStatus status = Kernel.status(fd);
            boolean directory = (status.mode() & S_IFMT) == S_IFDIR;
            if (owners == null) {
                return Optional.of(
                        new Source.Checked(
                                realPath(fd, detail), directory, status.inode(), status.device()));
            }
            trees.add(prepare(fd, bind, status, directory, detail));
            return Optional.of(new Source.Received(trees.size() - 1, directory));
        } finally {
            Kernel.close(fd);
        }
    }

    private static String realPath(int fd, String detail) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
        } catch (IOException e) {
            throw LaunchErrors.of(SetupStep.MOUNT, detail, e.toString());
        }
    }

    private int prepare(int fd, Bind bind, FileStatus status, boolean directory, String detail) {
        int flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE | O_CLOEXEC;
        int tree = LaunchErrors.check(SetupStep.MOUNT, detail, Kernel.openTree(fd, "", flags));
        long attributes = MOUNT_ATTR_NOSUID;
        attributes |= bind.writable() ? 0 : MOUNT_ATTR_RDONLY;
        attributes |= bind.devices() ? 0 : MOUNT_ATTR_NODEV;
        attributes |= bind.executable() ? 0 : MOUNT_ATTR_NOEXEC;
        attributes |= bind.followSymlinks() ? 0 : MOUNT_ATTR_NOSYMFOLLOW;
        int result = Kernel.mountSetattr(tree, attributes, -1, true);
        if (result >= 0 && (bind.writable() || closedToOthers(status, directory))) {
            result = actAsOwner(tree, status);
        }
        if (result < 0) {
            Kernel.close(tree);
            if (Errno.EINVAL.is(result) || Errno.EPERM.is(result)) {
                throw LaunchErrors.of(
                        SetupStep.MOUNT,
                        detail,
                        "the file system cannot map the owner %d:%d to the sandbox's user (%s);"
                                        .formatted(
                                                status.uid(), status.gid(), Errno.nameOf(-result))
                                + " use a directory on ext4, xfs, btrfs or (from Linux 6.3) tmpfs,"
                                + " or run the JVM as the owner instead of root");
            }
            throw LaunchErrors.of(SetupStep.MOUNT, detail, result);
        }
        return tree;
    }

    /// A read-only tree whose top shuts out everyone but its owner would be of no use otherwise.
    private static boolean closedToOthers(FileStatus status, boolean directory) {
        int needed = directory ? OTHERS_ENTER : OTHERS_READ;
        return (status.mode() & needed) != needed;
    }

    private int actAsOwner(int tree, FileStatus status) {
        if (owners == null) {
            return 0;
        }
        int namespace = owners.namespace(status.uid(), status.gid());
        return Kernel.mountSetattr(tree, MOUNT_ATTR_IDMAP, namespace, true);
    }

    /// Closes the prepared mounts; those that were attached stay.
    @Override
    public void close() {
        trees.forEach(Kernel::close);
        trees.clear();
    }
}
