package io.cloister.sandbox.policy;

import io.cloister.sandbox.check.Paths;

/// A symbolic link.
///
/// @param destination where it is put
/// @param target what it says; it is resolved inside the sandbox alone, and need not exist
public record Symlink(String destination, String target) implements Mount {
    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the destination is refused, or the target is empty,
    ///   longer than 4095 bytes or holds a control character
    public Symlink {
        Mount.checkDestination(destination);
        Paths.linkTarget(target);
    }
}
