package io.cloister.sandbox;

import java.util.Objects;

/// This host lacks something that the policy needs. Nothing was started.
///
/// The message reads `<message>; <remedy>`.
public class SandboxUnavailableException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /// What the host lacks.
    private final String missing;

    /// What would provide it.
    private final String remedy;

    /// Makes an exception.
    ///
    /// @param message what cannot be done, and why
    /// @param missing what the host lacks
    /// @param remedy what would provide it
    public SandboxUnavailableException(String message, String missing, String remedy) {
        super(message + "; " + remedy);
        this.missing = Objects.requireNonNull(missing, "missing");
        this.remedy = Objects.requireNonNull(remedy, "remedy");
    }

    /// {@return what the host lacks, for example `the time namespace`}
    public String missing() {
        return missing;
    }

    /// {@return what would provide it, for example `run a kernel from 5.6 on`}
    public String remedy() {
        return remedy;
    }
}
