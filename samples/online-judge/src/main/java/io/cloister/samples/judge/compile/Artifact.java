package io.cloister.samples.judge.compile;

import java.nio.file.Path;

/// What a compiler has made: a directory, which stays as long as this is open.
///
/// @param directory where it is
/// @param cached whether it was there before
/// @param released called at the end
public record Artifact(Path directory, boolean cached, Runnable released) implements AutoCloseable {
    /// Allows it to be removed.
    @Override
    public void close() {
        released.run();
    }
}
