package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.AT_FDCWD;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.cgroup.CgroupView;
import io.cloister.sandbox.linux.cgroup.Owner;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;
import io.cloister.sandbox.linux.files.TreeRemoval;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// The private directories of runs in the confined tier: each run's own, below one directory of
/// this JVM in the JVM's `java.io.tmpdir`, which bears the owner's name as control groups do. What
/// a JVM left that was killed is removed by the next one. Thread-safe.
final class PrivateDirectories {

    private static final Logger LOG = LoggerFactory.getLogger(PrivateDirectories.class);

    private static final Duration SWEEP = Duration.ofSeconds(2);

    private static final TreeCalls TREE = TreeCalls.asSelf();
    private static final int OWNER_ONLY = 0700;

    /// Others may pass, each to his own.
    private static final int PASSAGE = 0711;

    private final int uid;
    private final boolean privileged;
    private final AtomicLong made = new AtomicLong();
    private Optional<Base> base = Optional.empty();
    private boolean ended;

    private record Base(Path path, int parent, String name, int fd) {}

    /// @param uid the JVM's user
    /// @param privileged whether directories are for other users
    PrivateDirectories(int uid, boolean privileged) {
        this.uid = uid;
        this.privileged = privileged;
    }

    /// A directory for one run.
    ///
    /// @param path where it is
    /// @param fd a descriptor of it, which the caller closes
    /// @param remove removes it with all that is in it; may be called more than once
    record PrivateDirectory(String path, int fd, Runnable remove) {}

    /// Makes a directory that belongs to this host user alone.
    PrivateDirectory make(int owner, int group) {
        Base base = base();
        String name = "r" + made.incrementAndGet();
        Path path = base.path().resolve(name);
        check(path, TREE.makeDirectory(base.fd(), name, OWNER_ONLY));
        int fd = TREE.openDirectory(base.fd(), name);
        if (fd < 0) {
            TREE.removeDirectory(base.fd(), name);
            throw failed(path, fd);
        }
        AtomicBoolean removed = new AtomicBoolean();
        Runnable remove =
                () -> {
                    if (!removed.getAndSet(true)) {
                        TreeRemoval.remove(base.fd(), name);
                    }
                };
        try {
            check(path, TREE.changeMode(fd, OWNER_ONLY));
            if (privileged) {
                check(path, Kernel.changeOwner(fd, owner, group));
            }
        } catch (RuntimeException e) {
            Kernel.close(fd);
            remove.run();
            throw e;
        }
        return new PrivateDirectory(path.toString(), fd, remove);
    }

    private synchronized Base base() {
        if (ended) {
            throw new SandboxException("the JVM is ending");
        }
        if (base.isEmpty()) {
            base = Optional.of(makeBase());
        }
        return base.get();
    }

    private Base makeBase() {
        Path temporary;
        try {
            temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
        } catch (IOException e) {
            throw new SandboxException("java.io.tmpdir cannot be used: " + e, e);
        }
        int parent = TREE.openDirectory(AT_FDCWD, temporary.toString());
        check(temporary, parent);
        CgroupView view = CgroupView.running();
        Owner self = Owner.running(view);
        sweepInBackground(temporary, self, view);
        Iterator<String> names = self.names().iterator();
        while (names.hasNext()) {
            String name = names.next();
            int result = TREE.makeDirectory(parent, name, OWNER_ONLY);
            if (Errno.EEXIST.is(result)) {
                continue;
            }
            Path path = temporary.resolve(name);
            check(path, result);
            int fd = TREE.openDirectory(parent, name);
            check(path, fd);
            // In a directory without the sticky bit somebody may have put another one there.
            if (Kernel.status(fd).uid() != uid) {
                Kernel.close(fd);
                throw new SandboxException(path + " was replaced by another user");
            }
            check(path, TREE.changeMode(fd, privileged ? PASSAGE : OWNER_ONLY));
            return new Base(path, parent, name, fd);
        }
        throw new SandboxException("no name is free in " + temporary);
    }

    /// How much others have left is not known: the first launch waits a little for that to be gone,
    /// and no longer.
    private void sweepInBackground(Path temporary, Owner self, CgroupView view) {
        Thread sweeper =
                Thread.ofPlatform()
                        .daemon()
                        .name("cloister-sweep")
                        .start(() -> sweep(temporary, self, view));
        try {
            sweeper.join(SWEEP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What goes wrong is for the log: it is no reason to fail a launch.
    private void sweep(Path temporary, Owner self, CgroupView view) {
        int parent = TREE.openDirectory(AT_FDCWD, temporary.toString());
        if (parent < 0) {
            return;
        }
        try {
            List<String> names = new ArrayList<>();
            int length;
            do {
                length = TREE.list(parent, names);
            } while (length > 0);
            for (String name : names) {
                Optional<Owner> owner = Owner.of(name);
                if (owner.filter(o -> o.isNeighbour(self) && !o.isAlive(view)).isPresent()) {
                    sweep(parent, temporary, name);
                }
            }
        } finally {
            Kernel.close(parent);
        }
    }

    private void sweep(int parent, Path temporary, String name) {
        int fd = TREE.openDirectory(parent, name);
        if (fd < 0) {
            return;
        }
        boolean ours = Kernel.status(fd).uid() == uid;
        Kernel.close(fd);
        if (!ours) {
            return;
        }
        try {
            TreeRemoval.remove(parent, name);
        } catch (SandboxException e) {
            LOG.warn("{} of a dead owner could not be removed", temporary.resolve(name), e);
        }
    }

    /// Removes what is left; no run is there any more.
    synchronized void end() {
        ended = true;
        base.ifPresent(made -> {
            try {
                TreeRemoval.remove(made.parent(), made.name());
            } catch (SandboxException e) {
                LOG.warn("{} could not be removed", made.path(), e);
            }
            Kernel.close(made.fd());
            Kernel.close(made.parent());
        });
        base = Optional.empty();
    }

    private static void check(Path path, int result) {
        if (result < 0) {
            throw failed(path, result);
        }
    }

    private static RuntimeException failed(Path path, int result) {
        return LaunchErrors.of(SetupStep.FILE, "private directory " + path, result);
    }
}
