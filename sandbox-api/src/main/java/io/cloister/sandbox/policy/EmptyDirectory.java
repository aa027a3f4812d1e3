package io.cloister.sandbox.policy;

/// A directory with nothing in it.
///
/// In the sandbox's own root nothing can be created in it: that fails with `EROFS`. In a [Tmpfs] it
/// can.
///
/// @param destination where it is put
/// @param mode its permissions, 0 to 01777
public record EmptyDirectory(String destination, int mode) implements Mount {
    /// The permissions unless they are said: 0755.
    public static final int DEFAULT_MODE = 0755;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the destination or the mode is refused
    public EmptyDirectory {
        Mount.checkDestination(destination);
        Numbers.mode(mode, 01777);
    }

    /// With [#DEFAULT_MODE].
    ///
    /// @param destination where it is put
    public EmptyDirectory(String destination) {
        this(destination, DEFAULT_MODE);
    }
}
