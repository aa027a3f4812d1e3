package io.cloister.samples.judge.problem;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A problem.
///
/// @param id its short name, that of its directory
/// @param name for people
/// @param directory its package
/// @param limits what a program may use
/// @param validation how an output is judged
/// @param tests in their order: samples, then secret ones
/// @param statement the text of the problem, Markdown
public record Problem(
        String id,
        String name,
        Path directory,
        ProblemLimits limits,
        Validation validation,
        List<TestCase> tests,
        Optional<Path> statement) {
    /// Copies the list.
    public Problem {
        tests = List.copyOf(tests);
    }
}
