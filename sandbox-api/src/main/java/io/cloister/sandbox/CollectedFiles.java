package io.cloister.sandbox;

import java.nio.file.Path;
import java.util.Objects;

/// What became of one [OutputFiles] at the end of a run.
public sealed interface CollectedFiles {

    /// It is on the host, whole.
    ///
    /// @param outside where
    /// @param report what was copied
    record Copied(Path outside, CopyReport report) implements CollectedFiles {

        /// Checks that nothing is missing.
        public Copied {
            Objects.requireNonNull(outside, "outside");
            Objects.requireNonNull(report, "report");
        }
    }

    /// It is not on the host, and nothing of it is: there was nothing, it was more than the caps
    /// allow, or it had links where these are refused. That a program leaves no output is no error
    /// of the run; [SandboxFileException#reason()] tells.
    ///
    /// @param cause why
    record Missing(SandboxFileException cause) implements CollectedFiles {

        /// Checks that there is a cause.
        public Missing {
            Objects.requireNonNull(cause, "cause");
        }
    }

    /// {@return whether it is on the host}
    default boolean isCopied() {
        return this instanceof Copied;
    }
}
