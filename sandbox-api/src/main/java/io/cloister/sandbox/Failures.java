package io.cloister.sandbox;

/// What to throw for the failure that a future carried from another thread.
final class Failures {
    private Failures() {}

    /// The failure itself where it may be thrown unchecked, so that callers can catch its type.
    static RuntimeException unchecked(Throwable failure) {
        return switch (failure) {
            case RuntimeException exception -> exception;
            case Error error -> throw error;
            default -> new SandboxException("the run could not be watched: " + failure, failure);
        };
    }
}
