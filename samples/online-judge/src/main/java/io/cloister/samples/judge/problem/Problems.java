package io.cloister.samples.judge.problem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// The problems of a directory: each directory in it that has a `problem.yaml`.
public final class Problems {
    private Problems() {}

    /// {@return short names to problems, in the order of their names}
    ///
    /// @param directory where they are
    /// @throws ProblemPackageException if one of them is not as it should be
    public static Map<String, Problem> read(Path directory) {
        Map<String, Problem> problems = new LinkedHashMap<>();
        try (Stream<Path> packages = Files.list(directory.toRealPath())) {
            packages.filter(path -> Files.exists(path.resolve(ProblemReader.PROBLEM)))
                    .sorted()
                    .map(path -> new ProblemReader(path).read())
                    .forEach(problem -> problems.put(problem.id(), problem));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the problems in " + directory, e);
        }
        if (problems.isEmpty()) {
            throw new ProblemPackageException(
                    directory + " has no problems: directories with a " + ProblemReader.PROBLEM);
        }
        return problems;
    }
}
