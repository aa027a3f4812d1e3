package io.cloister.sandbox;

import java.util.Objects;

/// A stage of a [Pipeline] could not be started, or could not be watched to its end. No stage is
/// left running. The cause tells why.
public class StageException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /// The name of the stage.
    private final String stage;

    /// Makes an exception.
    ///
    /// @param stage the stage
    /// @param cause why
    public StageException(String stage, Throwable cause) {
        super("stage \"" + stage + "\": " + cause.getMessage(), cause);
        this.stage = Objects.requireNonNull(stage, "stage");
    }

    /// {@return the name of the stage}
    public String stage() {
        return stage;
    }
}
