package io.cloister.samples.judge.compile;

/// A source could not be compiled.
public final class CompileErrorException extends Exception {
    private static final long serialVersionUID = 1;

    private final String compilerOutput;

    /// Makes one.
    ///
    /// @param cause why, for the person who sent the source
    /// @param compilerOutput what the compiler wrote, fit to be shown
    public CompileErrorException(String cause, String compilerOutput) {
        super(cause);
        this.compilerOutput = compilerOutput;
    }

    /// {@return what the compiler wrote, fit to be shown}
    public String compilerOutput() {
        return compilerOutput;
    }
}
