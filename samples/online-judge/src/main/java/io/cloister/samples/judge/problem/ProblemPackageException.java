package io.cloister.samples.judge.problem;

/// A problem package is not as it should be.
public final class ProblemPackageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes one.
    ///
    /// @param message which file, and what is wrong with it
    public ProblemPackageException(String message) {
        super(message);
    }
}
