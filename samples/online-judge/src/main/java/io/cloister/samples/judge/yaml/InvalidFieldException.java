package io.cloister.samples.judge.yaml;

/// A file does not say what it should.
public final class InvalidFieldException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes one.
    ///
    /// @param file which file
    /// @param field which field of it; empty if it is all of it
    /// @param what what is wrong
    public InvalidFieldException(String file, String field, String what) {
        super(file + (field.isEmpty() ? " " : ": " + field.replaceFirst("\\.$", "") + " ") + what);
    }
}
