package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.CopyReport;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.FileKind;
import io.cloister.sandbox.SandboxFileEntry;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.Tmpfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Files in memory: directories and regular files. What the policy makes writable is writable,
/// nothing of the host is seen, and there are no links.
final class FakeFiles implements SandboxFiles {

    /// A file, or a directory where it has no content.
    ///
    /// @param content the bytes
    /// @param mode permission bits
    record Node(Optional<byte[]> content, int mode, Instant modified) {
        static Node directory(int mode) {
            return new Node(Optional.empty(), mode, Instant.now());
        }

        static Node file(byte[] content, int mode) {
            return new Node(Optional.of(content), mode, Instant.now());
        }

        boolean isDirectory() {
            return content.isEmpty();
        }
    }

    private final SandboxSpec spec;
    private final NavigableMap<SandboxPath, Node> nodes = new TreeMap<>();
    private final List<SandboxPath> writable = new ArrayList<>();
    private boolean closed;

    FakeFiles(SandboxSpec spec) {
        this.spec = spec;
        fill();
    }

    private void fill() {
        nodes.put(SandboxPath.ROOT, Node.directory(DEFAULT_DIRECTORY_MODE));
        for (String scratch : List.of("/tmp", "/dev/shm")) {
            place(SandboxPath.of(scratch), Node.directory(0777));
            writable.add(SandboxPath.of(scratch));
        }
        for (Mount mount : spec.filesystem().mounts()) {
            SandboxPath path = SandboxPath.of(mount.destination());
            switch (mount) {
                case Tmpfs tmpfs -> {
                    place(path, Node.directory(tmpfs.mode()));
                    writable.add(path);
                }
                case Bind bind when bind.writable() -> {
                    place(path, Node.directory(DEFAULT_DIRECTORY_MODE));
                    writable.add(path);
                }
                case FileContent file -> place(path, Node.file(file.content(), file.mode()));
                default -> place(path, Node.directory(DEFAULT_DIRECTORY_MODE));
            }
        }
        place(SandboxPath.of(spec.workDirectory()), Node.directory(DEFAULT_DIRECTORY_MODE));
    }

    /// Puts something there if nothing is, with the directories on the way.
    private void place(SandboxPath path, Node node) {
        path.parent().ifPresent(parent -> place(parent, Node.directory(DEFAULT_DIRECTORY_MODE)));
        nodes.putIfAbsent(path, node);
    }

    /// All files are as at first.
    synchronized void reset() {
        nodes.clear();
        writable.clear();
        fill();
    }

    /// From here on it refuses everything.
    synchronized void close() {
        closed = true;
    }

    /// As a program writes it, which has made the directories on the way.
    synchronized void writeFromInside(SandboxPath path, byte[] content) {
        if (!closed) {
            requireWritable("write", path);
            path.parent().ifPresent(parent -> createDirectories(parent, DEFAULT_DIRECTORY_MODE));
            write(path, content, DEFAULT_FILE_MODE);
        }
    }

    @Override
    public synchronized void write(SandboxPath path, byte[] content, int mode) {
        requireMode(mode);
        requireOpen("write", path);
        requireDirectory("write", path.parent().orElse(SandboxPath.ROOT), path);
        requireWritable("write", path);
        if (nodes.containsKey(path) && nodes.get(path).isDirectory()) {
            throw refused("write", path, Reason.IS_DIRECTORY, Errno.EISDIR);
        }
        nodes.put(path, Node.file(content.clone(), mode));
    }

    @Override
    public void write(SandboxPath path, Path content, int mode) {
        requireAbsolute(content);
        write(path, readHost("write", content), mode);
    }

    @Override
    public synchronized byte[] read(SandboxPath path, Bytes cap, LastLink lastLink) {
        if (cap.value() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("cap must fit an array, was " + cap);
        }
        Node node = get("read", path);
        byte[] content =
                node.content()
                        .orElseThrow(
                                () -> refused("read", path, Reason.IS_DIRECTORY, Errno.EISDIR));
        if (content.length > cap.value()) {
            throw new SandboxFileException(
                    "read",
                    path.toString(),
                    Reason.TOO_LARGE,
                    0,
                    "it has %d bytes, the cap is %s".formatted(content.length, cap));
        }
        return content.clone();
    }

    @Override
    public synchronized Optional<SandboxFileEntry> stat(SandboxPath path) {
        requireOpen("stat", path);
        return Optional.ofNullable(nodes.get(path)).map(node -> entry(path, node));
    }

    private static SandboxFileEntry entry(SandboxPath path, Node node) {
        return new SandboxFileEntry(
                path,
                node.isDirectory() ? FileKind.DIRECTORY : FileKind.FILE,
                Bytes.of(node.content().map(content -> content.length).orElse(0)),
                node.mode(),
                1,
                node.modified(),
                node.modified(),
                node.modified());
    }

    @Override
    public void forEach(
            SandboxPath directory, long cap, Consumer<? super SandboxFileEntry> consumer) {
        List<SandboxFileEntry> entries;
        synchronized (this) {
            get("list", directory);
            requireDirectory("list", directory, directory);
            entries = children(directory);
        }
        entries.stream().limit(cap).forEach(consumer);
        if (entries.size() > cap) {
            throw new SandboxFileException(
                    "list", directory.toString(), Reason.TOO_MANY, 0, "the cap is " + cap);
        }
    }

    private List<SandboxFileEntry> children(SandboxPath directory) {
        return nodes.entrySet().stream()
                .filter(e -> e.getKey().parent().filter(directory::equals).isPresent())
                .map(e -> entry(e.getKey(), e.getValue()))
                .toList();
    }

    @Override
    public List<SandboxFileEntry> list(SandboxPath directory, int cap) {
        List<SandboxFileEntry> entries = new ArrayList<>();
        forEach(directory, cap, entries::add);
        return List.copyOf(entries);
    }

    @Override
    public synchronized void createDirectories(SandboxPath directory, int mode) {
        requireMode(mode);
        requireOpen("create directory", directory);
        Node present = nodes.get(directory);
        if (present != null) {
            if (!present.isDirectory()) {
                throw refused("create directory", directory, Reason.EXISTS, Errno.EEXIST);
            }
            return;
        }
        requireWritable("create directory", directory);
        createDirectories(directory.parent().orElseThrow(), mode);
        nodes.put(directory, Node.directory(mode));
    }

    @Override
    public synchronized boolean delete(SandboxPath path) {
        requireOpen("delete", path);
        if (!nodes.containsKey(path)) {
            return false;
        }
        requireDeletable(path);
        if (!children(path).isEmpty()) {
            throw refused("delete", path, Reason.EXISTS, Errno.ENOTEMPTY);
        }
        nodes.remove(path);
        return true;
    }

    @Override
    public synchronized boolean deleteTree(SandboxPath path) {
        requireOpen("delete", path);
        if (!nodes.containsKey(path)) {
            return false;
        }
        requireDeletable(path);
        nodes.keySet().removeIf(other -> isWithin(other, path));
        return true;
    }

    private void requireDeletable(SandboxPath path) {
        if (path.isRoot()) {
            throw new IllegalArgumentException("the root cannot be deleted");
        }
        if (writable.contains(path)) {
            throw refused("delete", path, Reason.MOUNT, Errno.EBUSY);
        }
        requireWritable("delete", path);
    }

    @Override
    public CopyReport copyIn(Path outside, SandboxPath inside, CopyOptions options) {
        requireAbsolute(outside);
        FakeCopy copy = new FakeCopy("copy in", options);
        copy.in(this, outside, inside);
        return copy.report();
    }

    @Override
    public CopyReport copyOut(SandboxPath inside, Path outside, CopyOptions options) {
        requireAbsolute(outside);
        if (options.others() == CopyOptions.Others.KEEP_LINKS) {
            throw new IllegalArgumentException("links are not kept in a copy to the host");
        }
        Map<SandboxPath, Node> tree;
        synchronized (this) {
            get("copy out", inside);
            tree = new TreeMap<>(nodes);
            tree.keySet().removeIf(path -> !isWithin(path, inside));
        }
        FakeCopy copy = new FakeCopy("copy out", options);
        copy.out(tree, inside, outside);
        return copy.report();
    }

    static byte[] readHost(String operation, Path file) {
        try {
            if (!Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                throw new SandboxFileException(
                        operation,
                        file.toString(),
                        Files.exists(file) ? Reason.NOT_REGULAR : Reason.NOT_FOUND,
                        0,
                        "a regular file of the host is needed");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new SandboxFileException(
                    operation, file.toString(), Reason.OTHER, 0, String.valueOf(e));
        }
    }

    private static boolean isWithin(SandboxPath path, SandboxPath directory) {
        for (Optional<SandboxPath> at = Optional.of(path); at.isPresent(); at = at.get().parent()) {
            if (at.get().equals(directory)) {
                return true;
            }
        }
        return false;
    }

    private Node get(String operation, SandboxPath path) {
        requireOpen(operation, path);
        Node node = nodes.get(path);
        if (node == null) {
            throw refused(operation, path, Reason.NOT_FOUND, Errno.ENOENT);
        }
        return node;
    }

    private void requireDirectory(String operation, SandboxPath directory, SandboxPath path) {
        Node node = nodes.get(directory);
        if (node == null) {
            throw refused(operation, path, Reason.NOT_FOUND, Errno.ENOENT);
        }
        if (!node.isDirectory()) {
            throw refused(operation, path, Reason.NOT_DIRECTORY, Errno.ENOTDIR);
        }
    }

    private void requireWritable(String operation, SandboxPath path) {
        if (writable.stream().noneMatch(place -> isWithin(path, place))) {
            throw refused(operation, path, Reason.READ_ONLY, Errno.EROFS);
        }
    }

    private void requireOpen(String operation, SandboxPath path) {
        if (closed) {
            throw new SandboxFileException(
                    operation, path.toString(), Reason.CLOSED, 0, "the sandbox has ended");
        }
    }

    private static void requireMode(int mode) {
        if ((mode & ~0777) != 0) {
            throw new IllegalArgumentException(
                    "mode must be 0 to 0777, was 0" + Integer.toOctalString(mode));
        }
    }

    private static void requireAbsolute(Path path) {
        if (!path.isAbsolute() || !path.normalize().equals(path)) {
            throw new IllegalArgumentException(
                    "a path of the host must be absolute and normalized, was " + path);
        }
    }

    private static SandboxFileException refused(
            String operation, SandboxPath path, Reason reason, Errno errno) {
        return new SandboxFileException(operation, path.toString(), reason, errno.number(), "");
    }
}
