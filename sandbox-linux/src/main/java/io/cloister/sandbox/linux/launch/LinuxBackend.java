package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.spi.Joined;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// One sandbox of the API: its specification, and its runs. Thread-safe.
public final class LinuxBackend implements SandboxBackend {

    private final Launcher launcher;
    private final Policy policy;
    private final Set<SandboxRun> runs = ConcurrentHashMap.newKeySet();
    private final Set<LinuxSession> sessions = ConcurrentHashMap.newKeySet();
    private final CommandPolicies commands;
    private Optional<Policy> session = Optional.empty();
    private volatile boolean closed;

    /// @param launcher the JVM's launcher
    /// @param spec what every run gets
    /// @param handlers who answers system calls
    public LinuxBackend(Launcher launcher, SandboxSpec spec, SyscallHandlers handlers) {
        this.launcher = launcher;
        policy = Tiers.policy(launcher, spec, handlers);
        commands = new CommandPolicies(policy);
    }

    /// @param launcher the JVM's launcher
    /// @param spec what every run gets
    /// @param handlers who answers system calls
    /// @param joined what every run has in common with a session
    public LinuxBackend(
            Launcher launcher, SandboxSpec spec, SyscallHandlers handlers, Joined joined) {
        this.launcher = launcher;
        policy = Policy.joining(spec, launcher.facts(), handlers, Joining.of(joined));
        commands = new CommandPolicies(policy);
    }

    @Override
    public SandboxProcess start(Command command) {
        SandboxRun run = launch(command);
        run.awaitStart();
        return run;
    }

    @Override
    public SandboxRun launch(Command command) {
        return launch(command, Map.of());
    }

    /// Sends a launch whose standard streams are in part ends of pipes that the caller has.
    ///
    /// @param ends numbers of standard streams to descriptors, which stay the caller's
    SandboxRun launch(Command command, Map<Integer, Integer> ends) {
        SandboxRun run = launcher.start(policy, command, ends);
        runs.add(run);
        run.onGone(() -> runs.remove(run));
        if (closed) {
            run.cancel();
        }
        return run;
    }

    /// Makes the pipes of a pipeline whose stages are all of this JVM.
    ///
    /// @param launcher the JVM's launcher
    public static Plumbing plumb(
            Launcher launcher,
            List<String> stages,
            List<Plumbing.Edge> edges,
            Plumbing.Observer observer,
            boolean standstills) {
        return Conduits.open(launcher.loop(), stages, edges, observer, standstills);
    }

    @Override
    public LinuxSession open() {
        LinuxSession session = LinuxSession.open(launcher, commands, ofSession());
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
