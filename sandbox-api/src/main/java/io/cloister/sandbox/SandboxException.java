package io.cloister.sandbox;

/// A command could not be run, or its end could not be observed, for a reason that lies neither in
/// the policy as such nor in what the command did.
public class SandboxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Makes an exception.
    ///
    /// @param message what failed, and what to check
    public SandboxException(String message) {
        super(message);
    }

    /// Makes an exception.
    ///
    /// @param message what failed, and what to check
    /// @param cause why
    public SandboxException(String message, Throwable cause) {
        super(message, cause);
    }
}
