package io.cloister.samples.judge.problem;

import io.cloister.samples.judge.check.AnswerChecker;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How an output is judged; fields `validation` and `validator_flags`.
public sealed interface Validation {

    /// {@return the source of the program of the problem, if it has one}
    default Optional<Path> program() {
        return switch (this) {
            case Compare _ -> Optional.empty();
            case Program(Path source, _) -> Optional.of(source);
            case Interactor(Path source, _) -> Optional.of(source);
        };
    }

    /// By comparing it with the answer, token by token: `default`.
    ///
    /// @param checker compares
    record Compare(AnswerChecker checker) implements Validation {}

    /// By a program of the problem that reads the output when the run is over: `custom`.
    ///
    /// @param source its source
    /// @param flags its further arguments
    record Program(Path source, List<String> flags) implements Validation {
        /// Copies the list.
        public Program {
            flags = List.copyOf(flags);
        }
    }

    /// By a program of the problem that talks to the solution: `custom interactive`.
    ///
    /// @param source its source
    /// @param flags its further arguments
    record Interactor(Path source, List<String> flags) implements Validation {
        /// Copies the list.
        public Interactor {
            flags = List.copyOf(flags);
        }
    }
}
