package io.cloister.samples.judge.problem;

import java.nio.file.Path;

/// One test of a problem.
///
/// @param name its name in the package: `secret/03-large`
/// @param input what the program reads
/// @param answer what the jury would answer
public record TestCase(String name, Path input, Path answer) {

    /// {@return whether everybody may know what is in it}
    public boolean isSample() {
        return name.startsWith("sample/");
    }
}
