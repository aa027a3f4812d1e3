package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.policy.ResourceLimits;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A command that was asked for, for a test to look at. Thread-safe.
public final class FakeRun {
    private final Command command;
    private final SandboxSpec spec;
    private final boolean inSession;
    private volatile ResourceLimits limits;
    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private final List<Signal> signals = new CopyOnWriteArrayList<>();

    FakeRun(Command command, SandboxSpec spec, ResourceLimits limits, boolean inSession) {
        this.command = command;
        this.spec = spec;
        this.limits = limits;
        this.inSession = inSession;
    }

    /// {@return the command, with all three streams set}
    public Command command() {
        return command;
    }

    /// {@return the policy of its sandbox}
    public SandboxSpec spec() {
        return spec;
    }

    /// {@return its limits: those of the policy, in a session those of the command, with later
    /// changes}
    public ResourceLimits limits() {
        return limits;
    }

    /// {@return whether it ran in a session}
    public boolean inSession() {
        return inSession;
    }

    /// {@return what there was on its standard input so far, whether or not its rule reads it}
    public String stdinText() {
        synchronized (input) {
            return input.toString(StandardCharsets.UTF_8);
        }
    }

    /// {@return the signals that were sent to it, in their order}
    public List<Signal> signals() {
        return List.copyOf(signals);
    }

    void limited(ResourceLimits changed) {
        limits = changed;
    }

    void got(byte[] bytes, int offset, int length) {
        synchronized (input) {
            input.write(bytes, offset, length);
        }
    }

    byte[] stdin() {
        synchronized (input) {
            return input.toByteArray();
        }
    }

    void signalled(Signal signal) {
        signals.add(signal);
    }

    /// The command, for people.
    @Override
    public String toString() {
        return "FakeRun[" + command + (inSession ? ", in a session]" : "]");
    }
}
