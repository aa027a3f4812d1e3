package io.cloister.samples.judge.problem;

import io.cloister.samples.judge.yaml.InvalidFieldException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The problems of a directory: each directory in it that has a `problem.yaml`.
///
/// @param available short names to problems, in the order of their names
/// @param refused short names of packages that are not as they should be, to reasons for people
public record Problems(Map<String, Problem> available, Map<String, String> refused) {
    /// Copies the maps, in their order.
    public Problems {
        available = new LinkedHashMap<>(available);
        refused = new LinkedHashMap<>(refused);
    }

    /// {@return what the packages of a directory say}
    ///
    /// @param directory where they are
    /// @throws ProblemPackageException if none of them is as it should be
    public static Problems read(Path directory) {
        Problems problems = new Problems(Map.of(), Map.of());
        for (Path path : packages(directory)) {
            String id = path.getFileName().toString();
            try {
                problems.available.put(id, new ProblemReader(path).read());
            } catch (ProblemPackageException | InvalidFieldException | UncheckedIOException e) {
                problems.refused.put(id, e.getMessage());
            }
        }
        if (problems.available.isEmpty()) {
            throw new ProblemPackageException(
                    "%s has no problems, which are directories with a %s; refused: %s"
                            .formatted(directory, ProblemReader.PROBLEM, problems.refused));
        }
        return problems;
    }

    private static List<Path> packages(Path directory) {
        try (Stream<Path> all = Files.list(directory.toRealPath())) {
            return all.filter(path -> Files.exists(path.resolve(ProblemReader.PROBLEM)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the problems in " + directory, e);
        }
    }
}
