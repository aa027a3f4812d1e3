package io.cloister.samples.judge.run;

/// The judge or a problem is at fault, not the program that is judged.
public final class JudgeFaultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes one.
    ///
    /// @param message what is wrong
    public JudgeFaultException(String message) {
        super(message);
    }
}
