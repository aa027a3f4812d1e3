package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.files.LinuxFiles;
import io.cloister.sandbox.linux.files.Outputs;
import io.cloister.sandbox.linux.launch.CommandPolicies.Prepared;
import io.cloister.sandbox.linux.plan.Sharing;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.spi.SessionBackend;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A sandbox that stays: a run without a command, whose first process serves launches. Each command
/// is an ordinary launch without new namespaces, sent to that process instead of a launcher, so
/// that all that a run can do a command of a session can do. Thread-safe.
final class LinuxSession implements SessionBackend {

    private static final int POLICIES = 8;

    private final Launcher launcher;
    private final Policy policy;
    private final CommandPolicies commands;
    private final SandboxRun server;
    private final SessionLauncher within;
    private final Zygote zygote;
    private final SessionDoors doors = new SessionDoors();
    private final Set<SandboxRun> joined = ConcurrentHashMap.newKeySet();
    private final Set<SandboxRun> runs = ConcurrentHashMap.newKeySet();

    /// Commands whose supervisor was killed, perhaps by themselves: nobody has waited for what they
    /// have started.
    private final AtomicInteger lost = new AtomicInteger();

    private final ResourceLimits limits;
    private final SessionReset reset;
    private volatile LinuxFiles files;

    /// Of the limits that were used last: a judge compiles with some and runs with others.
    private final Latest<ResourceLimits, Prepared> policies = new Latest<>(POLICIES);

    private final Standbys standbys;
    private volatile boolean closed;
    private volatile boolean paused;

    private LinuxSession(
            Launcher launcher, CommandPolicies commands, SandboxRun server, Zygote zygote) {
        this.launcher = launcher;
        this.commands = commands;
        policy = commands.policy();
        this.server = server;
        this.zygote = zygote;
        within = launcher.within(server, zygote);
        limits = policy.spec().limits().ofEachCommand();
        reset = new SessionReset(server, zygote, policy.spec(), server.plan().mounts(), user());
        files = new LinuxFiles(new SessionRoot(server), user());
        standbys = new Standbys(launcher.loop());
        server.onGone(() -> {
            standbys.close();
            runs.forEach(run -> run.endWith(server));
            joined.forEach(SandboxRun::endWithJoined);
            // Not on the loop, which they need.
            Thread.startVirtualThread(this::closeDoors);
            Thread.startVirtualThread(this::endResets);
            Thread.startVirtualThread(() -> files.close());
        });
    }

    /// Opens one; returns once it takes commands.
    ///
    /// @param commands what its commands run under
    /// @param session what holds for all of them together
    static LinuxSession open(Launcher launcher, CommandPolicies commands, Policy session) {
        Kernel.Pair socket = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        LaunchErrors.check(SetupStep.OPEN_STREAMS, "socket of a session", socket.first());
        Undo undo = new Undo();
        Runnable closing = () -> Kernel.close(socket.first());
        undo.add(closing);
        try {
            SandboxRun server = launcher.serve(session, socket.second());
            undo.add(server::cancel);
            server.awaitStart();
            // From here on it closes the socket, when the first process ends.
            undo.forget(closing);
            Zygote zygote = Zygote.within(socket.first(), server);
            return new LinuxSession(launcher, commands, server, zygote);
        } catch (RuntimeException | Error e) {
            undo.run(e);
            throw e;
        } finally {
            Kernel.close(socket.second());
        }
    }

    private Prepared prepared(ResourceLimits wanted) {
        return policies.get(wanted, limits -> commands.prepare(limits, server));
    }

    @Override
    public SandboxRun launch(Command command, UnaryOperator<ResourceLimits> change) {
        Prepared prepared = prepared(change.apply(limits));
        if (closed) {
            throw ended();
        }
        Standbys.Use use = standbys.begin(prepared.plan(), command);
        server.enter();
        SandboxRun run;
        try {
            run = launch(prepared, use.ready(), command);
        } catch (RuntimeException | Error e) {
            server.leave();
            standbys.end(use);
            throw e;
        }
        runs.add(run);
        run.onGone(() -> {
            if (run.isWaitedFor()) {
                server.leave();
            } else {
                lost.incrementAndGet();
            }
            runs.remove(run);
            if (standbys.end(use)) {
                Thread.startVirtualThread(() -> standbys.prepare(() -> standby(prepared)));
            }
        });
        if (closed) {
            run.endWith(server);
        }
        return run;
    }

    private SandboxRun launch(Prepared prepared, Optional<Standby> ready, Command command) {
        Policy own = prepared.policy();
        return ready.flatMap(it -> within.startStandby(it, own, command))
                .or(() -> within.start(own, prepared.plan(), command))
                .orElseThrow(LinuxSession::ended);
    }

    private Optional<Standby> standby(Prepared prepared) {
        return within.standby(prepared.policy(), prepared.plan());
    }

    static IllegalStateException ended() {
        return new IllegalStateException("the session has ended; onEnd() tells why");
    }

    @Override
    public SandboxProcess start(Command command, UnaryOperator<ResourceLimits> change) {
        SandboxRun run = launch(command, change);
        run.awaitStart();
        return run;
    }

    @Override
    public CompletableFuture<SandboxResult> onEnd() {
        return server.onResult();
    }

    @Override
    public ResourceUsage usage() {
        return look(server::usage);
    }

    /// Looks at it for a moment. What is opened for that is closed a little later, if nobody is
    /// there then.
    private <T> T look(Supplier<T> action) {
        server.enter();
        try {
            return action.get();
        } finally {
            server.leave();
            server.begun();
        }
    }

    private void touch(Runnable action) {
        look(() -> {
            action.run();
            return paused;
        });
    }

    @Override
    public void pause(PausedTime time) {
        touch(() -> server.pause(time));
        paused = true;
        runs.forEach(run -> run.clocksStop(time));
    }

    @Override
    public void resume() {
        touch(server::resume);
        paused = false;
        runs.forEach(SandboxRun::clocksGoOn);
    }

    @Override
    public Map<Namespace, Long> namespaceIds() {
        if (!isOpen()) {
            throw ended();
        }
        return server.namespaceIds();
    }

    /// What a policy has in common with it.
    Sharing sharing(Set<Namespace> namespaces, boolean tracing) {
        Set<Namespace> own = EnumSet.noneOf(Namespace.class);
        SandboxSpec spec = policy.spec();
        own.addAll(spec.newNamespaces());
        Sharing others = policy.joining().map(Joining::sharing).orElse(Sharing.NONE);
        own.addAll(others.namespaces());
        return Sharing.of(
                namespaces,
                tracing,
                spec,
                spec.hostName().or(others::hostName),
                own,
                server.namespaceIds());
    }

    static IllegalStateException joinedHasEnded() {
        return new IllegalStateException(
                "the session that this sandbox was built to join, or the pod that it is a member"
                    + " of, has ended; build the sandbox anew with one that is open. onEnd() of a"
                    + " session tells why it ended");
    }

    /// The namespaces that others may enter.
    ///
    /// @throws IllegalStateException if it has ended
    SessionDoors doors() {
        if (!isOpen()) {
            throw joinedHasEnded();
        }
        // Who is let in may be more than the commands are to each other.
        standbys.close();
        doors.open(zygote, server.namespaceIds());
        return doors;
    }

    /// The host user of its commands.
    int hostUser() {
        return server.hostUser();
    }

    /// A run that has joined it ends with it.
    void attach(SandboxRun run) {
        joined.add(run);
        server.enter();
        server.begun();
        run.onGone(() -> {
            server.leave();
            joined.remove(run);
        });
        if (!isOpen()) {
            run.endWithJoined();
        }
    }

    private void closeDoors() {
        joined.forEach(SandboxRun::endWithJoined);
        joined.forEach(SandboxRun::awaitGone);
        doors.close();
    }

    private boolean isOpen() {
        return !closed && zygote.isAlive();
    }

    @Override
    public Optional<String> reset() {
        return reset(EnumSet.allOf(ResetStep.class));
    }

    /// Does these steps, and then looks whether it is as new.
    Optional<String> reset(Set<ResetStep> steps) {
        if (paused) {
            // The sweep is made in the same control group, and would stand still too.
            resume();
        }
        runs.forEach(SandboxRun::destroyForcibly);
        runs.forEach(SandboxRun::cancel);
        standbys.dismiss();
        Optional<String> different;
        server.enter();
        try {
            synchronized (reset) {
                renewFiles();
                different = reset.run(steps).or(this::breach);
            }
        } finally {
            server.leave();
            server.begun();
        }
        if (different.isEmpty()) {
            // The sweep has shown that nobody is left.
            for (int i = lost.getAndSet(0); i > 0; i--) {
                server.leave();
            }
        }
        if (different.isEmpty() && !closed) {
            Prepared usual = prepared(limits);
            standbys.prepareForUser(() -> standby(usual));
        }
        return different;
    }

    /// A limit that was reached just before is not to be told to the next user.
    private Optional<String> breach() {
        return server.breach().map(kill -> "its last user reached a limit: " + kill.observed());
    }

    private void endResets() {
        synchronized (reset) {
            reset.close();
        }
    }

    /// Who had the files of the last user has them no longer.
    private void renewFiles() {
        LinuxFiles old = files;
        try {
            old.closeAndWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while files were written", e);
        }
        LinuxFiles renewed = new LinuxFiles(new SessionRoot(server), user());
        files = renewed;
        if (closed) {
            renewed.close();
        }
    }

    @Override
    public LinuxFiles files() {
        return files;
    }

    @Override
    public Map<SandboxPath, CollectedFiles> collect(List<OutputFiles> wanted) {
        int root;
        try {
            root = server.processes().openRoot();
        } catch (IllegalStateException e) {
            return Outputs.lost(wanted, "the session has ended, and its files with it");
        }
        try {
            return Outputs.collect(root, user(), wanted);
        } finally {
            Kernel.close(root);
        }
    }

    /// To whom its files belong on the host.
    private FileUser user() {
        return launcher.facts().privileged()
                ? FileUser.of(server.hostUser(), server.hostUser())
                : FileUser.self();
    }

    /// To be called when it is over.
    void onGone(Runnable action) {
        server.onGone(action);
    }

    @Override
    public void close() {
        closed = true;
        standbys.close();
        runs.forEach(run -> run.endWith(server));
        runs.forEach(SandboxRun::cancel);
        // Who waits for an answer of the first process at the doors, waits no longer.
        server.cancel();
        closeDoors();
        files.close();
    }
}
