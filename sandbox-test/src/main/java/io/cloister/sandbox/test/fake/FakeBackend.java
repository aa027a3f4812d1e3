package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SessionBackend;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The runs and sessions of one policy.
final class FakeBackend implements SandboxBackend {
    private final FakeSandbox fake;
    private final SandboxSpec spec;
    private final boolean joinsProcesses;
    private final Set<FakeProcess> processes = ConcurrentHashMap.newKeySet();
    private final Set<FakeSession> sessions = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /// @param joinsProcesses whether its sandboxes enter the PID namespace of a session
    FakeBackend(FakeSandbox fake, SandboxSpec spec, boolean joinsProcesses) {
        this.fake = fake;
        this.spec = spec;
        this.joinsProcesses = joinsProcesses;
    }

    @Override
    public synchronized SandboxProcess start(Command command) {
        checkOpen();
        FakeRun run = new FakeRun(command, spec, spec.limits(), false);
        FakeProcess process = FakeProcess.start(fake.begin(run), run, new FakeFiles(spec));
        processes.add(process);
        process.onResult().whenComplete((_, _) -> processes.remove(process));
        return process;
    }

    @Override
    public synchronized SessionBackend open() {
        checkOpen();
        boolean confined = spec.isolation() == Isolation.CONFINED;
        if (confined || joinsProcesses || !spec.newNamespaces().contains(Namespace.PID)) {
            throw new SandboxUnavailableException(
                    "a session was asked for, and the policy "
                            + (confined
                                    ? "is kept without namespaces"
                                    : joinsProcesses ? "has joinPid(...)" : "has hostPid()")
                            + ": nothing would keep its commands together",
                    "PID namespace",
                    "run each command by itself");
        }
        FakeSession session = new FakeSession(fake, spec);
        sessions.add(session);
        session.onEnd().whenComplete((_, _) -> sessions.remove(session));
        return session;
    }

    @Override
    public String explain(Command command) {
        return "a fake sandbox, which runs nothing: " + command.program() + "\n";
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        processes.forEach(FakeProcess::cancel);
        sessions.forEach(FakeSession::close);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the sandbox is closed");
        }
    }
}
