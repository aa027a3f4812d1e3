package io.cloister.sandbox.json;

/// Where something stands in a JSON text.
///
/// @param source the name of the text, such as its file; empty if it has none
/// @param line the line, from 1
/// @param column the column, from 1, in UTF-16 units
record Place(String source, int line, int column) {

    /// As compilers and editors write it, `judge.json:12:15`; without a file `line 12, column 15`.
    @Override
    public String toString() {
        return source.isEmpty()
                ? "line %d, column %d".formatted(line, column)
                : "%s:%d:%d".formatted(source, line, column);
    }
}
