package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// One sandbox of the API: its specification, and its runs. Thread-safe.
public final class LinuxBackend implements SandboxBackend {

    private final Launcher launcher;
    private final Policy policy;
    private final Set<SandboxRun> runs = ConcurrentHashMap.newKeySet();
    private final Set<LinuxSession> sessions = ConcurrentHashMap.newKeySet();
    private Optional<Policy> session = Optional.empty();
    private volatile boolean closed;

    /// @param launcher the JVM's launcher
    /// @param spec what every run gets
    /// @param handlers who answers system calls
    public LinuxBackend(Launcher launcher, SandboxSpec spec, SyscallHandlers handlers) {
        this.launcher = launcher;
        policy = Tiers.policy(launcher, spec, handlers);
    }

    @Override
    public SandboxProcess start(Command command) {
        SandboxRun run = launch(command);
        run.awaitStart();
        return run;
    }

    @Override
    public SandboxRun launch(Command command) {
        SandboxRun run = launcher.start(policy, command);
        runs.add(run);
        run.onGone(() -> runs.remove(run));
        if (closed) {
            run.cancel();
        }
        return run;
    }

    @Override
    public LinuxSession open() {
        LinuxSession session = LinuxSession.open(launcher, policy, ofSession());
        sessions.add(session);
        session.onGone(() -> sessions.remove(session));
        if (closed) {
            session.close();
            throw new IllegalStateException("the sandbox is closed");
        }
        return session;
    }

    private synchronized Policy ofSession() {
        if (session.isEmpty()) {
            session = Optional.of(policy.ofSession());
        }
        return session.get();
    }

    @Override
    public String explain(Command command) {
        return launcher.explain(policy, command);
    }

    @Override
    public void close() {
        closed = true;
        sessions.forEach(LinuxSession::close);
        for (SandboxRun run : runs) {
            run.destroyForcibly();
        }
        for (SandboxRun run : runs) {
            run.cancel();
        }
    }
}
