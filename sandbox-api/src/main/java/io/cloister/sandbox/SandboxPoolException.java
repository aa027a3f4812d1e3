package io.cloister.sandbox;

/// A [SandboxPool] has no sandbox free, in time or at all. Nothing was started.
public final class SandboxPoolException extends SandboxException {
    private static final long serialVersionUID = 1;

    SandboxPoolException(String message) {
        super(message);
    }
}
