package io.cloister.sandbox.spring.failure;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxUnavailableException;

import java.io.Serial;

/// This host cannot enforce all of the policy of a profile.
public final class ProfileUnavailableException extends SandboxException {
    @Serial private static final long serialVersionUID = 1L;

    private final String profile;

    /// Makes an exception.
    ///
    /// @param profile the name of the profile
    /// @param cause what the host lacks
    public ProfileUnavailableException(String profile, SandboxUnavailableException cause) {
        super("the sandbox of the profile %s: %s".formatted(profile, cause.getMessage()), cause);
        this.profile = profile;
    }

    /// {@return the name of the profile}
    public String profile() {
        return profile;
    }
}
