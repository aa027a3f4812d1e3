package io.cloister.sandbox;

/// The size of a terminal, in characters.
///
/// @param columns how many stand in a line, 1 to 65535
/// @param rows how many lines there are, 1 to 65535
public record TerminalSize(int columns, int rows) {
    private static final int MOST = 0xffff;

    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public TerminalSize {
        check("columns", columns);
        check("rows", rows);
    }

    private static void check(String name, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(
                    "%s must be 1 to %d, was %d".formatted(name, MOST, value));
        }
    }

    /// {@return a size}
    ///
    /// @param columns how many characters stand in a line, 1 to 65535
    /// @param rows how many lines there are, 1 to 65535
    /// @throws IllegalArgumentException if one is out of range
    public static TerminalSize of(int columns, int rows) {
        return new TerminalSize(columns, rows);
    }

    /// {@return 80 columns and 24 rows, what programs expect of an unknown terminal}
    public static TerminalSize standard() {
        return new TerminalSize(80, 24);
    }

    /// For example `80x24`.
    @Override
    public String toString() {
        return columns + "x" + rows;
    }
}
