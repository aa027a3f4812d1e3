package io.cloister.sandbox;

import java.util.Objects;

/// One direction of a [Pipeline]: what a stage writes to one descriptor another reads from one of
/// its own, as through a pipe of a shell.
///
/// @param from the stage that writes
/// @param output the descriptor that it writes to: 1 (standard output), 2 (standard error), or 3 to
///   1023
/// @param to the stage that reads
/// @param input the descriptor that it reads from: 0 (standard input), or 3 to 1023
public record PipelineEdge(String from, int output, String to, int input) {
    private static final int STDERR = 2;
    private static final int LAST = 1023;

    /// Checks the descriptors.
    ///
    /// @throws IllegalArgumentException if one of them is out of range, or both stages are the same
    public PipelineEdge {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        if (output < 1 || output > LAST) {
            throw new IllegalArgumentException(
                    "output must be 1 to %d, was %d".formatted(LAST, output));
        }
        if (input != 0 && (input <= STDERR || input > LAST)) {
            throw new IllegalArgumentException(
                    "input must be 0 or 3 to %d, was %d".formatted(LAST, input));
        }
        if (from.equals(to)) {
            throw new IllegalArgumentException(
                    "an edge must lead to another stage, was from \"" + from + "\" to itself");
        }
    }

    /// The stages, and the descriptors where they are not the usual ones: `interactor -> solution`,
    /// `interactor:3 -> solution:4`.
    @Override
    public String toString() {
        return from
                + (output == 1 ? "" : ":" + output)
                + " -> "
                + to
                + (input == 0 ? "" : ":" + input);
    }
}
