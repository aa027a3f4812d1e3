package io.cloister.samples.build.step;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/// Trees of files; no link in them is followed.
final class Trees {
    private Trees() {}

    /// Refuses a path with a link in the place of one of its directories: it would lead out of the
    /// root, to whatever the user has.
    ///
    /// @param path relative to the root
    static void refuseLinks(Path root, String path) {
        Path at = root;
        for (Path name : Path.of(path)) {
            if (Files.isSymbolicLink(at) && !at.equals(root)) {
                throw new IllegalArgumentException(
                        "%s lies behind the link %s, which is not followed".formatted(path, at));
            }
            at = at.resolve(name);
        }
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                            throws IOException {
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// Puts a copy in the place of what is there, with its modes and times. What is there goes when
    /// the copy is in its place.
    ///
    /// @param path relative to the root
    static void replace(Path from, Path root, String path) throws IOException {
        refuseLinks(root, path);
        Path to = root.resolve(path);
        Path parent = Files.createDirectories(to.getParent());
        Path fresh = Files.createTempDirectory(parent, ".build-step-");
        try {
            Path copy = fresh.resolve("copy");
            try (Stream<Path> all = Files.walk(from)) {
                for (Path each : all.toList()) {
                    Files.copy(
                            each,
                            copy.resolve(from.relativize(each).toString()),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            LinkOption.NOFOLLOW_LINKS);
                }
            }
            if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(to, fresh.resolve("old"), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(copy, to, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(fresh);
        }
    }

    static long size(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            long size = 0;
            for (Path path : all.toList()) {
                size += Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.size(path) : 0;
            }
            return size;
        }
    }
}
