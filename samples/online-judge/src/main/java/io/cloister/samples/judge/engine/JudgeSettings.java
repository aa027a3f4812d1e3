package io.cloister.samples.judge.engine;

import io.cloister.sandbox.Bytes;

import java.nio.file.Path;

/// What a judge has to know.
///
/// @param problems a directory of problem packages
/// @param artifacts a directory for what compilers make, made if it is missing; one judge uses it
///   at a time
/// @param artifactBytes how much may be kept there
/// @param slots how many programs run at the same time; more than there are processors disturb each
///   other's times
public record JudgeSettings(Path problems, Path artifacts, Bytes artifactBytes, int slots) {
    /// How much is kept of what compilers make, if nothing else is said.
    public static final Bytes ARTIFACTS = Bytes.mebibytes(512);

    /// Checks the number.
    ///
    /// @throws IllegalArgumentException if there is no slot
    public JudgeSettings {
        if (slots < 1) {
            throw new IllegalArgumentException("slots must be > 0, was " + slots);
        }
    }

    /// {@return settings with 512 MiB of artifacts, and a slot for each processor}
    ///
    /// @param problems a directory of problem packages
    /// @param artifacts a directory for what compilers make
    public static JudgeSettings of(Path problems, Path artifacts) {
        return new JudgeSettings(
                problems, artifacts, ARTIFACTS, Runtime.getRuntime().availableProcessors());
    }
}
