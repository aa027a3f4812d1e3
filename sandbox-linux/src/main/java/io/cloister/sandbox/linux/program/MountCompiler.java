package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.MountStep;
import io.cloister.sandbox.linux.mount.MountStep.Attributes;
import io.cloister.sandbox.linux.mount.MountStep.Target;
import io.cloister.sandbox.linux.mount.Source;
import io.cloister.sandbox.linux.program.Argument.Address;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes the operations that build the tree.
///
/// The new root is attached on top of `/`, where it hides nothing: paths that start with a slash
/// still lead to the host's tree, relative ones to the new root, which is the working directory. So
/// no directory of the host is needed to build on, and none can be prepared by an attacker.
///
/// Around the new root stands another one, an empty tmpfs with a single directory, on which the new
/// root is mounted. That outer one becomes the root of the mount namespace, and the process then
/// changes its root to the inner one. To the kernel it is in a chroot thereby, and so may make no
/// user namespace: "EPERM: CLONE_NEWUSER was specified in flags and the caller is in a chroot
/// environment" - unshare(2). Nobody inside has the capability that leads out of it, and outside
/// there is nothing.
final class MountCompiler {

    /// The offset of stx_ino and of stx_dev_major, stx_dev_minor in struct statx.
    private static final int STX_INO = 32;

    private static final int STX_DEV = 136;

    private static final int MOST_TERMINALS = 64;

    /// The directory of the outer root.
    private static final String INNER = "r";

    private final ProgramBuilder b;
    private final int firstReceived;
    private final boolean terminals;
    private final Address tree;
    private final Address point;
    private final Address proc;

    /// Where the procfs is, if that is in the root's own tmpfs: then paths to it are safe, and take
    /// fewer calls. Else everything goes through its descriptor.
    private Optional<String> procPath = Optional.empty();

    /// Each tmpfs of the sandbox's own, by its path, and where its descriptor stands. What is made
    /// in it is made through that: the way to it may lead through a tree that others can change.
    private final Map<String, Address> kept = new HashMap<>();

    /// A place as the `*at` calls take it.
    private record Place(Argument directory, String name) {}

    /// Where descriptors of the file systems in memory stand that a launch has for itself, in the
    /// order of [io.cloister.sandbox.linux.mount.MountPlan#filesystems()].
    private final List<Address> filesystems = new ArrayList<>();

    private Place place(String path) {
        String longest = "";
        for (String mount : kept.keySet()) {
            if (path.startsWith(mount + "/") && mount.length() > longest.length()) {
                longest = mount;
            }
        }
        return longest.isEmpty()
                ? new Place(number(AT_FDCWD), path)
                : new Place(kept.get(longest).loaded(), path.substring(longest.length() + 1));
    }

    /// @param firstReceived the first of the passed trees
    /// @param terminals whether the command needs a terminal of the sandbox's own
    MountCompiler(ProgramBuilder b, int firstReceived, boolean terminals) {
        this.b = b;
        this.firstReceived = firstReceived;
        this.terminals = terminals;
        tree = b.zeros(8);
        point = b.zeros(8);
        proc = b.zeros(8);
    }

    /// See [#filesystems].
    List<Address> filesystems() {
        return filesystems.stream().limit(MountPlan.WATCHED).toList();
    }

    /// Builds the whole tree and enters it.
    void write(MountPlan plan) {
        if (!plan.isEmpty()) {
            base(plan.base().steps());
            own(plan.own());
            enterOuter();
            enterInner();
        }
    }

    /// Nothing that is mounted from here on goes back to where the mounts came from.
    static void makePrivate(ProgramBuilder b) {
        b.call(
                Call.MOUNT,
                number(0),
                b.text("/"),
                number(0),
                number(MS_REC | MS_PRIVATE),
                number(0));
    }

    /// Builds the base, in the working directory when this is over.
    void base(List<MountStep> steps) {
        b.step(SetupStep.ROOT, "mounts become private");
        makePrivate(b);
        steps.forEach(this::write);
        filesystems.clear();
    }

    /// Builds what a launch needs for itself.
    void own(List<MountStep> steps) {
        steps.forEach(this::write);
    }

    /// The outer root becomes that of the mount namespace, and the working directory. The host's
    /// tree is detached.
    void enterOuter() {
        b.step(SetupStep.ROOT, "enter, detach the host's");
        b.call(Call.CHDIR, b.text(".."));
        b.call(Call.PIVOT_ROOT, b.text("."), b.text("."));
        b.call(Call.UMOUNT2, b.text("."), number(MNT_DETACH));
        makeReadOnly();
    }

    private void makeReadOnly() {
        b.call(
                Call.MOUNT_SETATTR,
                number(AT_FDCWD),
                b.text("."),
                number(0),
                attributes(MOUNT_ATTR_RDONLY),
                number(MOUNT_ATTR_SIZE));
    }

    /// The inner root becomes that of this process.
    void enterInner() {
        b.step(SetupStep.ROOT, "enter the inner root");
        b.call(Call.CHROOT, b.text(INNER));
        b.call(Call.CHDIR, b.text("/"));
    }

    private void write(MountStep step) {
        switch (step) {
            case MountStep.NewRoot(long size, long inodes) -> {
                b.step(SetupStep.ROOT, "tmpfs of " + size + " bytes");
                tmpfs(size, inodes, 0755, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
                attachRoot();
            }
            case MountStep.DirectoryRoot(Source source, boolean writable) -> {
                b.step(SetupStep.ROOT, describe(source) + (writable ? "" : ", read-only"));
                open(source, new Attributes(!writable, true, false, false));
                attachRoot();
            }
            case MountStep.MakeDirectory(String path, int mode) -> {
                b.step(SetupStep.FILE, "directory /" + path);
                Place place = place(path);
                b.call(Call.MKDIRAT, place.directory(), b.text(place.name()), number(mode));
            }
            case MountStep.MakeFile(String path) -> {
                b.step(SetupStep.FILE, "mount point /" + path);
                Place place = place(path);
                b.call(
                        Call.MKNODAT,
                        place.directory(),
                        b.text(place.name()),
                        number(S_IFREG | 0444),
                        number(0));
            }
            case MountStep.WriteFile(String path, byte[] content, int mode) ->
                    writeFile(path, content, mode);
            case MountStep.MakeSymlink(String path, String target) -> {
                b.step(SetupStep.FILE, "link /" + path + " -> " + target);
                Place place = place(path);
                b.call(Call.SYMLINKAT, b.text(target), place.directory(), b.text(place.name()));
            }
            case MountStep.Bind(Source source, Target target, Attributes attributes) -> {
                b.step(SetupStep.MOUNT, describe(source, target, attributes));
                open(source, attributes);
                attach(target);
            }
            case MountStep.Device(String name, Target target) -> {
                b.step(SetupStep.DEVICE, "/dev/" + name);
                openTree(number(AT_FDCWD), b.text("/dev/" + name), OPEN_TREE_CLONE);
                setAttributes(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0);
                attach(target);
            }
            case MountStep.Scratch(List<String> places, long size, long inodes) ->
                    scratch(places, size, inodes);
            case MountStep.Tmpfs(
                            Target target,
                            long size,
                            long inodes,
                            int mode,
                            boolean executable) -> {
                b.step(SetupStep.MOUNT, "tmpfs -> /" + target.path() + ", " + size + " bytes");
                int attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
                tmpfs(size, inodes, mode, executable ? attributes : attributes | MOUNT_ATTR_NOEXEC);
                Address whole = b.zeros(8);
                b.call(Call.FCNTL, tree.loaded(), number(F_DUPFD_CLOEXEC), number(0)).store(whole);
                filesystems.add(whole);
                if (!target.own()) {
                    kept.put(target.path(), whole);
                }
                attach(target);
            }
            case MountStep.MessageQueues(Target target) -> messageQueues(target);
            case MountStep.Terminals(Target target, boolean always) -> {
                if (always || terminals) {
                    terminals(target);
                }
            }
            case MountStep.Proc(Target target, boolean processesOnly) ->
                    procfs(target, processesOnly);
            case MountStep.HostProc(Target target) -> {
                b.step(SetupStep.PROC, "the launcher's -> /" + target.path());
                int attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
                openTree(number(AT_FDCWD), b.text("/proc"), OPEN_TREE_CLONE | AT_RECURSIVE);
                setAttributes(attributes, AT_RECURSIVE);
                procPath = Optional.empty();
                attachProc(target);
            }
            case MountStep.HideProc(String path, boolean directory) -> hide(path, directory);
            case MountStep.ReadOnlyProc(String path) -> {
                b.step(SetupStep.PROC, "/proc/" + path + " read-only");
                if (procPath.isPresent()) {
                    readOnly(procPath.get() + "/" + path);
                    return;
                }
                openTree(proc.loaded(), b.text(path), OPEN_TREE_CLONE | AT_RECURSIVE);
                setAttributes(MOUNT_ATTR_RDONLY, AT_RECURSIVE);
                moveTo(proc.loaded(), b.text(path), 0);
            }
            case MountStep.SealRoot _ -> {
                b.step(SetupStep.ROOT, "read-only");
                makeReadOnly();
            }
        }
    }

    /// Leaves a detached tmpfs in [#tree].
    private void tmpfs(long size, long inodes, int mode, int attributes) {
        b.call(Call.FSOPEN, b.text("tmpfs"), number(FSOPEN_CLOEXEC)).store(point);
        option("size", Long.toString(size));
        option("nr_inodes", Long.toString(inodes));
        option("mode", Integer.toOctalString(mode));
        create(attributes, tree);
    }

    private void option(String name, String value) {
        b.call(
                Call.FSCONFIG,
                point.loaded(),
                number(FSCONFIG_SET_STRING),
                b.text(name),
                b.text(value),
                number(0));
    }

    private void create(int attributes, Address mount) {
        b.call(
                Call.FSCONFIG,
                point.loaded(),
                number(FSCONFIG_CMD_CREATE),
                number(0),
                number(0),
                number(0));
        b.call(Call.FSMOUNT, point.loaded(), number(FSMOUNT_CLOEXEC), number(attributes))
                .store(mount);
        b.call(Call.CLOSE, point.loaded());
    }

    /// Attaches [#tree] as the inner root, which becomes the working directory.
    private void attachRoot() {
        Address outer = b.zeros(8);
        // Without limits, since nobody writes to it.
        b.call(Call.FSOPEN, b.text("tmpfs"), number(FSOPEN_CLOEXEC)).store(point);
        create(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, outer);
        b.call(Call.MKDIRAT, outer.loaded(), b.text(INNER), number(0555));
        b.call(
                Call.MOVE_MOUNT,
                outer.loaded(),
                b.text(""),
                number(AT_FDCWD),
                b.text("/"),
                number(MOVE_MOUNT_F_EMPTY_PATH));
        moveTo(outer.loaded(), b.text(INNER), 0, false);
        b.call(Call.FCHDIR, tree.loaded());
        b.call(Call.CLOSE, tree.loaded());
        b.call(Call.CLOSE, outer.loaded());
    }

    private void writeFile(String path, byte[] content, int mode) {
        b.step(SetupStep.FILE, "/" + path + ", " + content.length + " bytes");
        int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
        Place place = place(path);
        b.call(Call.OPENAT, place.directory(), b.text(place.name()), number(flags), number(mode))
                .store(tree);
        if (content.length > 0) {
            // A short write shows as a size other than the one asked for: the tmpfs is full.
            Address written = b.zeros(8);
            b.call(
                            Call.PWRITE64,
                            tree.loaded(),
                            b.bytes(content),
                            number(content.length),
                            number(0))
                    .store(written);
            Label complete = new Label();
            b.jumpIfEqual(written.loaded(), number(content.length), complete);
            b.fail(Errno.ENOSPC);
            b.place(complete);
        }
        b.call(Call.CLOSE, tree.loaded());
    }

    /// The tmpfs is attached at the first place, and then each of its directories at its place; so
    /// its own root is covered. All places lie in the root's own tmpfs, where paths are safe.
    private void scratch(List<String> places, long size, long inodes) {
        b.step(SetupStep.MOUNT, "tmpfs -> /" + String.join(", /", places) + ", " + size + " bytes");
        String first = places.getFirst();
        b.call(
                Call.MOUNT,
                b.text("tmpfs"),
                b.text(first),
                b.text("tmpfs"),
                number(MS_NOSUID | MS_NODEV),
                b.text("size=" + size + ",nr_inodes=" + inodes + ",mode=0755"));
        for (String place : places.reversed()) {
            String name = first + "/" + place.substring(place.lastIndexOf('/') + 1);
            b.call(Call.MKDIRAT, number(AT_FDCWD), b.text(name), number(01777));
            b.call(Call.MOUNT, b.text(name), b.text(place), number(0), number(MS_BIND), number(0));
        }
        Address whole = b.zeros(8);
        b.call(Call.OPENAT, number(AT_FDCWD), b.text(first), number(O_PATH | O_CLOEXEC), number(0))
                .store(whole);
        filesystems.add(whole);
    }

    /// Leaves a detached tree with its attributes in [#tree].
    private void open(Source source, Attributes attributes) {
        switch (source) {
            case Source.Trusted(String path, _) -> {
                openTree(number(AT_FDCWD), b.text(path), OPEN_TREE_CLONE | AT_RECURSIVE);
                setAttributes(bits(attributes), AT_RECURSIVE);
            }
            case Source.Checked checked -> {
                openChecked(checked);
                setAttributes(bits(attributes), AT_RECURSIVE);
            }
            case Source.Received(int index, _) -> b.set(tree, number(firstReceived + index));
        }
    }

    /// Fails with ESTALE if something else stands at the path than the JVM saw.
    private void openChecked(Source.Checked source) {
        b.call(
                        Call.OPENAT,
                        number(AT_FDCWD),
                        b.text(source.path()),
                        number(O_PATH | O_CLOEXEC),
                        number(0))
                .store(point);
        Address status = b.zeros(256);
        b.call(
                Call.STATX,
                point.loaded(),
                b.text(""),
                number(AT_EMPTY_PATH),
                number(STATX_BASIC_STATS),
                status);
        Label sameInode = new Label();
        Label same = new Label();
        b.jumpIfEqual(status.plus(STX_INO).loaded(), number(source.inode()), sameInode);
        b.fail(Errno.ESTALE);
        b.place(sameInode);
        b.jumpIfEqual(status.plus(STX_DEV).loaded(), number(source.device()), same);
        b.fail(Errno.ESTALE);
        b.place(same);
        int flags = OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH;
        openTree(point.loaded(), b.text(""), flags);
        b.call(Call.CLOSE, point.loaded());
    }

    private void openTree(Argument directory, Argument path, int flags) {
        b.call(Call.OPEN_TREE, directory, path, number(flags | O_CLOEXEC)).store(tree);
    }

    private void setAttributes(int bits, int flags) {
        b.call(
                Call.MOUNT_SETATTR,
                tree.loaded(),
                b.text(""),
                number(AT_EMPTY_PATH | flags),
                attributes(bits),
                number(MOUNT_ATTR_SIZE));
    }

    /// struct mount_attr { __u64 attr_set, attr_clr, propagation, userns_fd; }
    private Address attributes(int bits) {
        return b.words(number(bits), number(0), number(0), number(0));
    }

    private static int bits(Attributes attributes) {
        return MOUNT_ATTR_NOSUID
                | (attributes.readOnly() ? MOUNT_ATTR_RDONLY : 0)
                | (attributes.noDevices() ? MOUNT_ATTR_NODEV : 0)
                | (attributes.noExecution() ? MOUNT_ATTR_NOEXEC : 0)
                | (attributes.noSymlinks() ? MOUNT_ATTR_NOSYMFOLLOW : 0);
    }

    /// Attaches [#tree].
    private void attach(Target target) {
        // What it covers cannot be reached any more, and nothing is to be made there.
        kept.keySet().removeIf(path -> path.startsWith(target.path() + "/"));
        if (target.own()) {
            Place place = place(target.path());
            moveTo(place.directory(), b.text(place.name()), 0);
            return;
        }
        // struct open_how { __u64 flags, mode, resolve; }
        int resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        Address how = b.words(number(O_PATH | O_CLOEXEC), number(0), number(resolve));
        b.call(Call.OPENAT2, number(AT_FDCWD), b.text(target.path()), how, number(24)).store(point);
        moveTo(point.loaded(), b.text(""), MOVE_MOUNT_T_EMPTY_PATH);
        b.call(Call.CLOSE, point.loaded());
    }

    private void moveTo(Argument directory, Argument path, int flags) {
        moveTo(directory, path, flags, true);
    }

    private void moveTo(Argument directory, Argument path, int flags, boolean close) {
        b.call(
                Call.MOVE_MOUNT,
                tree.loaded(),
                b.text(""),
                directory,
                path,
                number(MOVE_MOUNT_F_EMPTY_PATH | flags));
        if (close) {
            b.call(Call.CLOSE, tree.loaded());
        }
    }

    /// ENODEV from a kernel that is built without them.
    private void messageQueues(Target target) {
        b.step(SetupStep.MOUNT, "message queues -> /" + target.path());
        Label without = new Label();
        if (place(target.path()).directory() instanceof Argument.Constant directory
                && directory.value() == AT_FDCWD) {
            b.call(
                            Call.MOUNT,
                            b.text("mqueue"),
                            b.text(target.path()),
                            b.text("mqueue"),
                            number(MS_NOSUID | MS_NODEV | MS_NOEXEC),
                            number(0))
                    .onError(without);
        } else {
            b.call(Call.FSOPEN, b.text("mqueue"), number(FSOPEN_CLOEXEC))
                    .store(point)
                    .onError(without);
            create(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, tree);
            attach(target);
        }
        b.forgive(without, Errno.ENODEV);
    }

    /// Each mount is an instance of its own (since Linux 4.7). The host has 4096 in all, of which
    /// no sandbox may take many.
    private void terminals(Target target) {
        b.step(SetupStep.TERMINAL, "pseudo-terminals -> /" + target.path());
        b.call(
                Call.MOUNT,
                b.text("devpts"),
                b.text(target.path()),
                b.text("devpts"),
                number(MS_NOSUID | MS_NOEXEC),
                b.text("mode=0600,ptmxmode=0666,max=" + MOST_TERMINALS));
    }

    private void procfs(Target target, boolean processesOnly) {
        b.step(SetupStep.PROC, "/" + target.path() + (processesOnly ? ", processes only" : ""));
        procPath = target.own() ? Optional.of(target.path()) : Optional.empty();
        if (target.own()) {
            b.call(
                    Call.MOUNT,
                    b.text("proc"),
                    b.text(target.path()),
                    b.text("proc"),
                    number(MS_NOSUID | MS_NODEV | MS_NOEXEC),
                    processesOnly ? b.text("subset=pid") : number(0));
            return;
        }
        b.call(Call.FSOPEN, b.text("proc"), number(FSOPEN_CLOEXEC)).store(point);
        if (processesOnly) {
            option("subset", "pid");
        }
        create(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, tree);
        attachProc(target);
    }

    private void attachProc(Target target) {
        // The descriptor goes on to refer to this procfs, whatever happens to the path.
        b.set(proc, tree.loaded());
        if (target.own()) {
            moveTo(number(AT_FDCWD), b.text(target.path()), 0, false);
        } else {
            b.call(Call.FCNTL, tree.loaded(), number(F_DUPFD_CLOEXEC), number(0)).store(proc);
            attach(target);
        }
    }

    private void readOnly(String path) {
        b.call(
                Call.MOUNT,
                b.text(path),
                b.text(path),
                number(0),
                number(MS_BIND | MS_REC),
                number(0));
        b.call(
                Call.MOUNT_SETATTR,
                number(AT_FDCWD),
                b.text(path),
                number(AT_RECURSIVE),
                attributes(MOUNT_ATTR_RDONLY),
                number(MOUNT_ATTR_SIZE));
    }

    private void hide(String path, boolean directory) {
        b.step(SetupStep.PROC, "/proc/" + path + " hidden");
        if (procPath.isPresent()) {
            Address place = b.text(procPath.get() + "/" + path);
            if (directory) {
                b.call(
                        Call.MOUNT,
                        b.text("tmpfs"),
                        place,
                        b.text("tmpfs"),
                        number(MS_RDONLY | MS_NOSUID | MS_NODEV),
                        b.text("size=4096,nr_inodes=2,mode=0555"));
            } else {
                // What is written to it is gone; it need not be read-only.
                b.call(
                        Call.MOUNT,
                        b.text("/dev/null"),
                        place,
                        number(0),
                        number(MS_BIND),
                        number(0));
            }
            return;
        }
        if (directory) {
            tmpfs(4096, 2, 0555, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        } else {
            openTree(number(AT_FDCWD), b.text("/dev/null"), OPEN_TREE_CLONE);
            setAttributes(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0);
        }
        moveTo(proc.loaded(), b.text(path), 0);
    }

    private static String describe(Source source) {
        return switch (source) {
            case Source.Trusted(String path, _) -> path;
            case Source.Checked checked -> checked.path();
            case Source.Received(int index, _) -> "passed tree " + index;
        };
    }

    private static String describe(Source source, Target target, Attributes attributes) {
        return describe(source)
                + " -> /"
                + target.path()
                + (attributes.readOnly() ? ", read-only" : ", writable")
                + (attributes.noExecution() ? ", noexec" : "")
                + (attributes.noSymlinks() ? ", nosymfollow" : "");
    }
}
