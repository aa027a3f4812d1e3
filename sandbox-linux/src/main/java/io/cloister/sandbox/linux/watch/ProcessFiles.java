package io.cloister.sandbox.linux.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The files of procfs that tell about processes (proc(5)). Of a process that is gone they tell
/// nothing, which is no error.
///
/// @param proc where procfs is mounted
record ProcessFiles(Path proc) {

    static final ProcessFiles HOST = new ProcessFiles(Path.of("/proc"));

    /// What one process uses.
    Optional<ProcessSample> sample(int pid) {
        Path directory = directory(pid);
        return text(directory.resolve("stat"))
                .flatMap(stat ->
                        text(directory.resolve("status"))
                                .map(status -> ProcessSample.parse(stat, status)));
    }

    /// The memory of one process with what it shares counted in part; empty too if the kernel does
    /// not let this JVM look.
    OptionalLong proportionalMemory(int pid) {
        try {
            return ProcessSample.proportionalMemory(read(directory(pid).resolve("smaps_rollup")));
        } catch (IOException e) {
            // EACCES, ESRCH for a process that has ended, ENOENT before Linux 4.14: the caller has
            // a poorer number to fall back on.
            return OptionalLong.empty();
        }
    }

    /// Tells the children of each process of a tree.
    ///
    /// The kernel lists them if it has `CONFIG_PROC_CHILDREN`. Otherwise all processes of the host
    /// are asked, now and once, for their parents.
    ///
    /// @param root a process of the tree
    Children children(int root) {
        Path task = directory(root).resolve("task");
        if (Files.exists(task.resolve(String.valueOf(root)).resolve("children"))) {
            return this::listedChildren;
        }
        if (!Files.exists(directory(root))) {
            // It is gone, and so is its tree: no reason to ask everybody.
            return (_, _) -> List.of();
        }
        Map<Integer, List<Integer>> children = childrenByParent();
        return (pid, process) -> children.getOrDefault(pid, List.of());
    }

    /// Tells the children of a process.
    interface Children {
        /// The ids of the children of `pid`, of which `process` is what it uses.
        List<Integer> of(int pid, ProcessSample process);
    }

    /// Children belong to the thread that made them. One thread alone has the id of its process.
    private List<Integer> listedChildren(int pid, ProcessSample process) {
        Path task = directory(pid).resolve("task");
        List<Integer> children = new ArrayList<>();
        boolean alone = process.threads() == 1;
        for (String thread : alone ? List.of(String.valueOf(pid)) : entries(task)) {
            String list = text(task.resolve(thread).resolve("children")).orElse("");
            for (String child : list.split(" ")) {
                if (!child.isBlank()) {
                    children.add(Integer.parseInt(child.strip()));
                }
            }
        }
        return children;
    }

    private Map<Integer, List<Integer>> childrenByParent() {
        Map<Integer, List<Integer>> children = new HashMap<>();
        for (String name : entries(proc)) {
            if (name.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int pid = Integer.parseInt(name);
                sample(pid)
                        .map(process -> children.computeIfAbsent(process.parent(), _ -> list()))
                        .ifPresent(siblings -> siblings.add(pid));
            }
        }
        return children;
    }

    private static List<Integer> list() {
        return new ArrayList<>();
    }

    private Path directory(int pid) {
        return proc.resolve(String.valueOf(pid));
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(read(file));
        } catch (IOException e) {
            throwUnlessGone(file, e);
            return Optional.empty();
        }
    }

    /// One character a byte, since the name of a program may hold any.
    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    static List<String> entries(Path directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throwUnlessGone(directory, e.getCause());
        } catch (IOException e) {
            throwUnlessGone(directory, e);
        }
        return names;
    }

    /// The errors of a process or thread that ends meanwhile are several; that its directory is not
    /// there any more is their common sign.
    private static void throwUnlessGone(Path file, IOException failure) {
        if (Files.exists(file.getParent())) {
            throw new UncheckedIOException(file + " must be readable", failure);
        }
    }
}
