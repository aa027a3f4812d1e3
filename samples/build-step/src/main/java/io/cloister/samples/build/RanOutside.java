package io.cloister.samples.build;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/// Finds modules whose tests ran, but not in the sandbox: their pom sets `<jvm>` itself, or has
/// Maven run the tests in its own process.
final class RanOutside {
    private static final String RESULTS = "surefire-reports";
    private static final String REPORTS = "sandbox-reports";

    private RanOutside() {}

    /// {@return the directories with results of tests, and without a report on the sandbox}
    ///
    /// @param project below which modules lie
    /// @param since when the tests began: what is older counts for nothing
    static List<Path> find(Path project, FileTime since) throws IOException {
        List<Path> outside = new ArrayList<>();
        Files.walkFileTree(
                project,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) throws IOException {
                        if (!directory.endsWith(RESULTS)) {
                            return FileVisitResult.CONTINUE;
                        }
                        if (hasFresh(directory, "TEST-*.xml", since)
                                && !hasFresh(directory.resolveSibling(REPORTS), "*.json", since)) {
                            outside.add(directory);
                        }
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                });
        return outside;
    }

    private static boolean hasFresh(Path directory, String glob, FileTime since)
            throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (var files = Files.newDirectoryStream(directory, glob)) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).compareTo(since)
                        >= 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
