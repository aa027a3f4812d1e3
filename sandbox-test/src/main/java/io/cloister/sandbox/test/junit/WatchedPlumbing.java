package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxBackend;

import java.util.List;
import java.util.Optional;

/// The pipes of a pipeline whose stages are noted.
///
/// @param actual the pipes
/// @param launcher launches a stage
record WatchedPlumbing(Plumbing actual, Launcher launcher) implements Plumbing {

    /// Launches a stage, and notes it.
    interface Launcher {
        SandboxProcess launch(
                Plumbing plumbing, int stage, SandboxBackend backend, Command command);
    }

    @Override
    public SandboxProcess launch(int stage, SandboxBackend backend, Command command) {
        return launcher.launch(actual, stage, backend, command);
    }

    @Override
    public void awaitStart(int stage) {
        actual.awaitStart(stage);
    }

    @Override
    public long endedAt(int stage) {
        return actual.endedAt(stage);
    }

    @Override
    public void resume(int edge) {
        actual.resume(edge);
    }

    @Override
    public Optional<List<Evidence>> standstill() {
        return actual.standstill();
    }

    @Override
    public void close() {
        actual.close();
    }
}
