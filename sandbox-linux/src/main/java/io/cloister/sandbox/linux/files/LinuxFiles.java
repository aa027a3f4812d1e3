package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.CopyReport;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxFileEntry;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Files below one descriptor of a root, in whatever mount namespace. Thread-safe.
///
/// Each operation works on a copy of the descriptor, so that it can be closed at any time: what has
/// begun goes on, what comes later is told that the sandbox is closed.
public final class LinuxFiles implements SandboxFiles, AutoCloseable {

    private static final String READ = "read";
    private static final String WRITE = "write";
    private static final String LIST = "list";
    private static final String STAT = "stat";
    private static final String DELETE = "delete";
    private static final String CREATE_DIRECTORIES = "create directories";

    private static final int PERMISSIONS = 0777;
    private static final int NEW_DIRECTORY = 0700;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final TreeCalls calls;
    private final RootAccess root;
    private boolean closed;
    private int underWay;

    /// @param root a descriptor of the root, also one of O_PATH; taken over
    /// @param user whose rights count, and to whom belongs what is made
    public LinuxFiles(int root, FileUser user) {
        this(RootAccess.of(root), user);
    }

    /// @param root the root; taken over
    /// @param user whose rights count, and to whom belongs what is made
    public LinuxFiles(RootAccess root, FileUser user) {
        this.root = root;
        calls = TreeCalls.as(user);
    }

    @Override
    public void write(SandboxPath path, byte[] content, int mode) {
        checkMode(mode);
        String shown = path.toString();
        put(path, mode, fd -> new Content(WRITE, shown).writeAll(fd, content));
    }

    @Override
    public void write(SandboxPath path, Path content, int mode) {
        checkMode(mode);
        HostPlace place = new HostPlace(content);
        try (Descriptor source = place.open(WRITE)) {
            FileFacts facts = Content.checkFile(WRITE, place.shown(), source.fd());
            int opened = TreeCalls.asSelf().reopen(source.fd(), O_RDONLY);
            try (Descriptor input = Descriptor.of(WRITE, place.shown(), opened)) {
                Content bytes = new Content(WRITE, path.toString());
                put(path, mode, fd -> bytes.copy(input.fd(), fd, facts.size(), Long.MAX_VALUE));
            }
        }
    }

    private void put(SandboxPath path, int mode, IntConsumer content) {
        try (Descriptor top = top(WRITE, path);
                Descriptor parent = parent(WRITE, top, path)) {
            NewFile file = new NewFile(calls, WRITE);
            file.put(parent.fd(), Names.of(path.name()), path.toString(), mode, content);
        }
    }

    @Override
    public byte[] read(SandboxPath path, Bytes cap, LastLink lastLink) {
        if (cap.value() > LARGEST_ARRAY) {
            throw new IllegalArgumentException(
                    "cap must be <= %s, was %s".formatted(Bytes.of(LARGEST_ARRAY), cap));
        }
        String shown = path.toString();
        try (Descriptor top = top(READ, path);
                Descriptor reference = resolve(READ, top, path, lastLink == LastLink.FOLLOW)) {
            FileFacts facts = Content.checkFile(READ, shown, reference.fd());
            int opened = calls.reopen(reference.fd(), O_RDONLY);
            try (Descriptor file = Descriptor.of(READ, shown, opened)) {
                return new Content(READ, shown).readAll(file.fd(), facts.size(), cap);
            }
        }
    }

    @Override
    public Optional<SandboxFileEntry> stat(SandboxPath path) {
        try (Descriptor top = top(STAT, path)) {
            int result = calls.resolve(top.fd(), Names.of(path), false);
            if (Errno.ENOENT.is(result) || Errno.ENOTDIR.is(result)) {
                return Optional.empty();
            }
            try (Descriptor reference = Descriptor.of(STAT, path.toString(), result)) {
                FileFacts facts = FileFacts.of(reference.fd());
                FileErrors.check(STAT, path.toString(), facts.result());
                return Optional.of(Kinds.entry(path, facts));
            }
        }
    }

    @Override
    public void forEach(
            SandboxPath directory, long cap, Consumer<? super SandboxFileEntry> consumer) {
        if (cap < 0) {
            throw new IllegalArgumentException("cap must be >= 0, was " + cap);
        }
        String shown = directory.toString();
        try (Descriptor top = top(LIST, directory);
                Descriptor reference = resolve(LIST, top, directory, false)) {
            checkDirectory(LIST, shown, reference.fd());
            try (Descriptor listing =
                    Descriptor.of(LIST, shown, calls.openDirectory(reference.fd(), "."))) {
                pass(directory, listing.fd(), cap, consumer);
            }
        }
    }

    private void pass(
            SandboxPath directory,
            int listing,
            long cap,
            Consumer<? super SandboxFileEntry> consumer) {
        String shown = directory.toString();
        List<String> names = new ArrayList<>();
        long passed = 0;
        while (FileErrors.check(LIST, shown, calls.list(listing, names)) > 0) {
            for (String name : names) {
                Interruption.check(LIST, shown);
                FileFacts facts = calls.facts(listing, name);
                if (Errno.ENOENT.is(facts.result())) {
                    // It has gone since it was listed.
                    continue;
                }
                SandboxPath path = directory.resolve(Names.bytes(name));
                FileErrors.check(STAT, path.toString(), facts.result());
                if (++passed > cap) {
                    throw FileErrors.of(
                            LIST,
                            shown,
                            Reason.TOO_MANY,
                            "it has more than %d entries; allow more".formatted(cap));
                }
                consumer.accept(Kinds.entry(path, facts));
            }
            names.clear();
        }
    }

    @Override
    public List<SandboxFileEntry> list(SandboxPath directory, int cap) {
        List<SandboxFileEntry> entries = new ArrayList<>();
        forEach(directory, cap, entries::add);
        entries.sort(Comparator.comparing(SandboxFileEntry::path));
        return List.copyOf(entries);
    }

    @Override
    public void createDirectories(SandboxPath directory, int mode) {
        checkMode(mode);
        try (Descriptor top = top(CREATE_DIRECTORIES, directory);
                Descriptor made = create(top, directory, mode)) {
            checkDirectory(CREATE_DIRECTORIES, directory.toString(), made.fd());
        }
    }

    /// Refers to the directory, made if it is missing.
    private Descriptor create(Descriptor top, SandboxPath path, int mode) {
        int found = calls.resolve(top.fd(), Names.of(path), true);
        Optional<SandboxPath> parentPath = path.parent();
        if (!Errno.ENOENT.is(found) || parentPath.isEmpty()) {
            return Descriptor.of(CREATE_DIRECTORIES, path.toString(), found);
        }
        try (Descriptor parent = create(top, parentPath.get(), mode)) {
            String shown = path.toString();
            String name = Names.of(path.name());
            checkDirectory(CREATE_DIRECTORIES, shown, parent.fd());
            Content.checkFileSystem(CREATE_DIRECTORIES, shown, parent.fd());
            int made = calls.makeDirectory(parent.fd(), name, NEW_DIRECTORY);
            if (!Errno.EEXIST.is(made)) {
                FileErrors.check(CREATE_DIRECTORIES, shown, made);
            }
            Descriptor directory =
                    Descriptor.of(
                            CREATE_DIRECTORIES, shown, calls.referDirectory(parent.fd(), name));
            if (made == 0) {
                int changed = calls.changeMode(directory.fd(), mode);
                if (changed < 0) {
                    directory.close();
                    throw FileErrors.of(CREATE_DIRECTORIES, shown, changed);
                }
            }
            return directory;
        }
    }

    @Override
    public boolean delete(SandboxPath path) {
        try (Descriptor top = top(DELETE, path);
                Descriptor parent = parent(DELETE, top, path)) {
            String name = Names.of(path.name());
            if (calls.facts(parent.fd(), name).isMountRoot()) {
                throw FileErrors.of(DELETE, path.toString(), Errno.EBUSY.negated());
            }
            int result = calls.removeFile(parent.fd(), name);
            if (Errno.EISDIR.is(result)) {
                result = calls.removeDirectory(parent.fd(), name);
            }
            if (Errno.ENOENT.is(result)) {
                return false;
            }
            FileErrors.check(DELETE, path.toString(), result);
            return true;
        }
    }

    @Override
    public boolean deleteTree(SandboxPath path) {
        try (Descriptor top = top(DELETE, path);
                Descriptor parent = parent(DELETE, top, path)) {
            String name = Names.of(path.name());
            return TreeRemoval.remove(calls, parent.fd(), name, path.toString(), DELETE_CAP);
        }
    }

    @Override
    public CopyReport copyIn(Path outside, SandboxPath inside, CopyOptions options) {
        HostPlace place = new HostPlace(outside);
        String operation = TreeCopy.operation(true);
        TreeCopy copy = TreeCopy.inwards(calls, options, place.shown());
        try (Descriptor top = top(operation, inside);
                Descriptor source = place.open(operation)) {
            FileFacts facts = FileFacts.of(source.fd());
            FileErrors.check(operation, place.shown(), facts.result());
            if (facts.type() == S_IFDIR) {
                copyIn(source, facts, top, inside, copy);
            } else {
                Content.checkFile(operation, place.shown(), source.fd());
                try (Descriptor parent = parent(operation, top, inside)) {
                    String name = Names.of(inside.name());
                    copy.file(source.fd(), facts, parent.fd(), name, SandboxPath.ROOT);
                }
            }
        }
        return copy.report();
    }

    /// A tree: what is there already may be a mount, and may keep its mode.
    private void copyIn(
            Descriptor source, FileFacts facts, Descriptor top, SandboxPath inside, TreeCopy copy) {
        String operation = TreeCopy.operation(true);
        String shown = inside.toString();
        int found = calls.resolve(top.fd(), Names.of(inside), false);
        if (Errno.ENOENT.is(found)) {
            int mode = facts.permissions() & PERMISSIONS;
            try (Descriptor parent = parent(operation, top, inside)) {
                String name = Names.of(inside.name());
                int made = calls.makeDirectory(parent.fd(), name, NEW_DIRECTORY);
                FileErrors.check(operation, shown, made);
                try (Descriptor target =
                        Descriptor.of(operation, shown, calls.referDirectory(parent.fd(), name))) {
                    copy.contents(source.fd(), target.fd(), SandboxPath.ROOT, 1);
                    FileErrors.check(operation, shown, calls.changeMode(target.fd(), mode));
                    FileErrors.check(
                            operation, shown, calls.changeTime(target.fd(), facts.modified()));
                }
            }
            return;
        }
        try (Descriptor target = Descriptor.of(operation, shown, found)) {
            checkDirectory(operation, shown, target.fd());
            Content.checkFileSystem(operation, shown, target.fd());
            copy.contents(source.fd(), target.fd(), SandboxPath.ROOT, 1);
        }
    }

    @Override
    public CopyReport copyOut(SandboxPath inside, Path outside, CopyOptions options) {
        if (options.others() == CopyOptions.Others.KEEP_LINKS) {
            throw new IllegalArgumentException(
                    "links are not kept in a copy to the host: use skipOthers()");
        }
        String operation = TreeCopy.operation(false);
        CopyOut copy = new CopyOut(new HostPlace(outside), calls, options, inside);
        try (Descriptor top = top(operation, inside);
                Descriptor source = resolve(operation, top, inside, false)) {
            return copy.copy(source.fd());
        }
    }

    /// A copy of the root's descriptor.
    private synchronized Descriptor top(String operation, SandboxPath path) {
        int copy = closed ? Errno.EBADF.negated() : root.begin();
        if (Errno.EBADF.is(copy)) {
            throw FileErrors.of(operation, path.toString(), Reason.CLOSED, "the sandbox is closed");
        }
        FileErrors.check(operation, path.toString(), copy);
        underWay++;
        return new Descriptor(copy, this::over);
    }

    private synchronized void over() {
        try {
            root.end();
        } finally {
            // Whoever waits to close it must not wait for ever.
            underWay--;
            notifyAll();
        }
    }

    private Descriptor resolve(
            String operation, Descriptor top, SandboxPath path, boolean followLast) {
        int result = calls.resolve(top.fd(), Names.of(path), followLast);
        return Descriptor.of(operation, path.toString(), result);
    }

    /// The directory in which something is made or deleted.
    private Descriptor parent(String operation, Descriptor top, SandboxPath path) {
        String shown = path.toString();
        SandboxPath directory =
                path.parent()
                        .orElseThrow(() ->
                                FileErrors.of(
                                        operation,
                                        shown,
                                        Reason.IS_DIRECTORY,
                                        "the root itself stays as it is"));
        Descriptor parent = resolve(operation, top, directory, true);
        try {
            checkDirectory(operation, shown, parent.fd());
            Content.checkFileSystem(operation, shown, parent.fd());
        } catch (RuntimeException e) {
            parent.close();
            throw e;
        }
        return parent;
    }

    private static void checkDirectory(String operation, String path, int fd) {
        FileFacts facts = FileFacts.of(fd);
        FileErrors.check(operation, path, facts.result());
        if (facts.type() != S_IFDIR) {
            throw FileErrors.of(operation, path, Errno.ENOTDIR.negated());
        }
    }

    private static void checkMode(int mode) {
        if ((mode & ~PERMISSIONS) != 0) {
            throw new IllegalArgumentException("mode must be 0 to 0777, was 0%o".formatted(mode));
        }
    }

    /// Lets go of the root. May be called more than once.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            root.close();
        }
    }

    /// Closes it, and waits for the operations that have begun.
    public synchronized void closeAndWait() throws InterruptedException {
        close();
        while (underWay > 0) {
            wait();
        }
    }
}
