package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/// A session whose commands are noted.
///
/// @param actual the session
/// @param noted notes a command and returns its process
record WatchedSession(SessionBackend actual, Noted noted) implements SessionBackend {

    /// Notes what was started.
    interface Noted {
        SandboxProcess note(Command command, SandboxProcess process);
    }

    @Override
    public SandboxProcess launch(Command command, UnaryOperator<ResourceLimits> limits) {
        return noted.note(command, actual.launch(command, limits));
    }

    @Override
    public SandboxProcess start(Command command, UnaryOperator<ResourceLimits> limits) {
        return noted.note(command, actual.start(command, limits));
    }

    @Override
    public CompletableFuture<SandboxResult> onEnd() {
        return actual.onEnd();
    }

    @Override
    public ResourceUsage usage() {
        return actual.usage();
    }

    @Override
    public void pause(PausedTime time) {
        actual.pause(time);
    }

    @Override
    public void resume() {
        actual.resume();
    }

    @Override
    public Map<Namespace, Long> namespaceIds() {
        return actual.namespaceIds();
    }

    @Override
    public SandboxFiles files() {
        return actual.files();
    }

    @Override
    public Map<SandboxPath, CollectedFiles> collect(List<OutputFiles> wanted) {
        return actual.collect(wanted);
    }

    @Override
    public Optional<String> reset() {
        return actual.reset();
    }

    @Override
    public void close() {
        actual.close();
    }
}
