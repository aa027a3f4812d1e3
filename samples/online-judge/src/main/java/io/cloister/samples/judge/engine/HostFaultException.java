package io.cloister.samples.judge.engine;

/// This host could not judge: neither the program nor the problem is at fault. Later, or on another
/// host, it may work.
public final class HostFaultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes one.
    ///
    /// @param message what went wrong
    public HostFaultException(String message) {
        super(message);
    }

    /// Makes one.
    ///
    /// @param cause what went wrong
    public HostFaultException(Exception cause) {
        super("this host could not judge: " + cause.getMessage(), cause);
    }
}
