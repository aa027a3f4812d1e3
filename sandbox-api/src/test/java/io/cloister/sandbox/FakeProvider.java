package io.cloister.sandbox;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.spi.SessionBackend;
import io.cloister.sandbox.syscall.SyscallHandlers;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A provider whose processes are [FakeProcess]es.
final class FakeProvider implements SandboxProvider {
    private final String name;
    private final boolean supported;

    final List<Command> commands = new ArrayList<>();
    final List<FakeProcess> processes = new ArrayList<>();
    final List<FakeSession> sessions = new CopyOnWriteArrayList<>();
    int closes;

    /// How a reset of the next session ends.
    volatile Optional<String> newDirt = Optional.empty();

    /// What the next launch or the next close throws.
    @Nullable RuntimeException failure;

    /// What a launch does before it succeeds.
    volatile Runnable onLaunch = () -> {};

    /// How many sessions cannot be opened.
    final AtomicInteger failures = new AtomicInteger();

    FakeProvider(String name, boolean supported) {
        this.name = name;
        this.supported = supported;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isSupported() {
        return supported;
    }

    @Override
    public HostReport probe() {
        Status status = supported ? Status.AVAILABLE : Status.MISSING;
        return new HostReport(
                name + " 1.0", List.of(new Feature("namespaces", status, "", "use " + name, true)));
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
        return new Backend();
    }

    private void failIfAsked() {
        RuntimeException asked = failure;
        failure = null;
        if (asked != null) {
            throw asked;
        }
    }

    private final class Backend implements SandboxBackend {
        @Override
        public SandboxProcess start(Command command) {
            failIfAsked();
            onLaunch.run();
            commands.add(command);
            FakeProcess process = new FakeProcess();
            processes.add(process);
            return process;
        }

        @Override
        public SessionBackend open() {
            failIfAsked();
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new SandboxException("sessions cannot be opened now");
            }
            FakeSession session = new FakeSession();
            session.dirt = newDirt;
            sessions.add(session);
            return session;
        }

        @Override
        public String explain(Command command) {
            commands.add(command);
            return "clone3 " + command.program();
        }

        @Override
        public void close() {
            closes++;
            failIfAsked();
            processes.forEach(FakeProcess::cancel);
            sessions.forEach(FakeSession::close);
        }
    }
}
