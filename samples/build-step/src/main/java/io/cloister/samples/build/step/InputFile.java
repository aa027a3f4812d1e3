package io.cloister.samples.build.step;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/// A file that a step sees.
///
/// @param path relative to the directory of the step file
/// @param isExecutable the only part of its mode that the step sees
/// @param digest of its content
record InputFile(String path, boolean isExecutable, String digest) {

    private static final String GLOB = "*?[{";

    /// The files that are meant by declared inputs, sorted by path. Links are refused: where they
    /// lead was not declared.
    ///
    /// @throws IllegalArgumentException for an input that means no file
    static List<InputFile> of(Path root, Collection<String> declared) throws IOException {
        TreeMap<String, InputFile> files = new TreeMap<>();
        for (String input : declared) {
            Trees.refuseLinks(root, beforeGlob(input));
            List<Path> found = find(root, input);
            if (found.isEmpty()) {
                throw new IllegalArgumentException(
                        "input %s means no file below %s".formatted(input, root));
            }
            for (Path file : found) {
                String path = root.relativize(file).toString();
                files.put(path, new InputFile(path, Files.isExecutable(file), Digest.of(file)));
            }
        }
        return List.copyOf(files.values());
    }

    private static List<Path> find(Path root, String input) throws IOException {
        boolean isGlob = input.chars().anyMatch(c -> GLOB.indexOf(c) >= 0);
        Path start = isGlob ? root.resolve(beforeGlob(input)) : root.resolve(input);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + input);
        List<Path> files = new ArrayList<>();
        if (!Files.exists(start, LinkOption.NOFOLLOW_LINKS)) {
            return files;
        }
        Files.walkFileTree(
                start,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (!isGlob || matcher.matches(root.relativize(file))) {
                            if (!attributes.isRegularFile()) {
                                throw new IllegalArgumentException(
                                        "input %s is a link or no file; declare what it stands for"
                                                .formatted(file));
                            }
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }

    /// Whether a declared input means a path, lies in it, or holds it.
    static boolean overlaps(String input, String path) {
        String start = beforeGlob(input).replaceFirst("/$", "");
        boolean isGlob = !start.equals(input);
        return isGlob
                ? StepGraph.isWithin(start, path)
                        || FileSystems.getDefault()
                                .getPathMatcher("glob:" + input)
                                .matches(Path.of(path))
                : StepGraph.isWithin(start, path) || StepGraph.isWithin(path, start);
    }

    private static String beforeGlob(String input) {
        StringBuilder start = new StringBuilder();
        for (String part : input.split("/")) {
            if (part.chars().anyMatch(c -> GLOB.indexOf(c) >= 0)) {
                break;
            }
            start.append(part).append('/');
        }
        return start.toString();
    }
}
