package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.Enforced;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.LaunchPlanner;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.ProgramPrinter;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;
import io.cloister.sandbox.linux.seccomp.StandardFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Launches commands: one for the whole JVM. Its zygote and its loop start with the first launch
/// and live as long as the JVM. Thread-safe.
public final class Launcher {

    private static final int SENDS = 3;

    /// A longer program is passed in a memfd: it would fill the socket.
    private static final int INLINE_PROGRAM = 24 * 1024;

    private final HostFacts facts;
    private final byte[] filter;
    private final HostUsers hostUsers = HostUsers.configured();
    private final EventLoop loop = new EventLoop();
    private final Slots slots = new Slots(loop, hostUsers);
    private final Object zygoteLock = new Object();
    private Optional<Zygote> zygote = Optional.empty();

    /// @param facts what the planner has to know of the host
    public Launcher(HostFacts facts) {
        this.facts = facts;
        filter = StandardFilter.compile(Kernel.cpu());
    }

    /// What the planner knows of the host.
    public HostFacts facts() {
        return facts;
    }

    private Zygote zygote() {
        synchronized (zygoteLock) {
            if (zygote.isEmpty() || !zygote.get().isAlive()) {
                zygote = Optional.of(Zygote.start(loop));
            }
            return zygote.get();
        }
    }

    private Target target(UserMap users) {
        Zygote master = zygote();
        if (!facts.privileged()) {
            return new Target.Shared(master, facts.uid(), facts.gid());
        }
        if (users instanceof UserMap.HostDropped) {
            HostUsers.HostUser user = hostUsers.take();
            return new Reserved(master, user);
        }
        return slots.take(master);
    }

    /// A privileged launch: the master itself, and a host user that the command becomes.
    private record Reserved(Zygote zygote, HostUsers.HostUser user) implements Target {
        @Override
        public int uid() {
            return user.id();
        }

        @Override
        public int gid() {
            return user.id();
        }

        @Override
        public void released() {
            user.release();
        }
    }

    /// Starts `command`, and returns when its program has been executed.
    ///
    /// @param onEnd told once, when the run is over
    SandboxRun start(SandboxSpec spec, Command command, Consumer<SandboxRun> onEnd) {
        for (int attempt = 1; ; attempt++) {
            Optional<SandboxRun> run = tryStart(spec, command, onEnd);
            if (run.isPresent()) {
                run.get().awaitStart();
                return run.get();
            }
            if (attempt == SENDS) {
                throw new SandboxException(
                        "the launcher was killed " + SENDS + " times before it took the request");
            }
        }
    }

    /// One attempt; empty if the zygote had ended.
    private Optional<SandboxRun> tryStart(
            SandboxSpec spec, Command command, Consumer<SandboxRun> onEnd) {
        // The limit can be exceeded only after the program runs, when the reference is set.
        AtomicReference<Optional<SandboxRun>> self = new AtomicReference<>(Optional.empty());
        long outputLimit = spec.limits().output().map(Bytes::value).orElse(Long.MAX_VALUE);
        Runnable exceeded =
                () -> self.get().ifPresent(r -> r.kill(new Outcome.LimitReached(Limit.OUTPUT)));
        Streams streams = Streams.open(loop, command, outputLimit, exceeded);
        Optional<Target> target = Optional.empty();
        try {
            UserMap users = LaunchPlanner.users(spec, facts);
            Target taken = target(users);
            target = Optional.of(taken);
            Optional<SandboxRun> run = send(spec, command, streams, taken, users, onEnd, self);
            if (run.isEmpty()) {
                streams.abandon();
                taken.released();
            }
            return run;
        } catch (RuntimeException e) {
            streams.abandon();
            target.ifPresent(Target::released);
            throw e;
        }
    }

    private Optional<SandboxRun> send(
            SandboxSpec spec,
            Command command,
            Streams streams,
            Target target,
            UserMap users,
            Consumer<SandboxRun> onEnd,
            AtomicReference<Optional<SandboxRun>> self) {
        try (BindSources binds = BindSources.resolve(spec, owners(target))) {
            LaunchPlan plan =
                    LaunchPlanner.plan(spec, facts, binds.root(), binds.sources(), command);
            Kernel.Pair status = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
            LaunchErrors.check(SetupStep.OPEN_STREAMS, "status socket", status.first());
            List<Integer> descriptors = new ArrayList<>();
            descriptors.add(status.second());
            descriptors.addAll(streams.childEnds());
            descriptors.addAll(command.descriptors().values());
            descriptors.addAll(binds.trees());
            SyscallProgram program = compile(plan, target);
            RunSettings settings =
                    new RunSettings(
                            program,
                            plan.newNamespaces().toString(),
                            spec.limits().wallTime(),
                            spec.limits().cpuTime(),
                            UserMaps.of(users, facts.privileged()),
                            Enforced.of(spec, plan),
                            onEnd);
            boolean sent = false;
            try {
                sent = transmit(target.zygote(), program, descriptors);
            } finally {
                Kernel.close(status.second());
                if (!sent) {
                    Kernel.close(status.first());
                }
            }
            if (!sent) {
                return Optional.empty();
            }
            streams.closeChildEnds();
            SandboxRun run = new SandboxRun(loop, settings, target, streams, status.first());
            self.set(Optional.of(run));
            return Optional.of(run);
        }
    }

    private Optional<BindSources.Owners> owners(Target target) {
        if (target instanceof Slots.Slot slot) {
            return Optional.of((uid, gid) -> slot.ownerNamespace(zygote(), uid, gid));
        }
        if (target instanceof Reserved reserved) {
            // Used once, then closed with the process that holds it.
            return Optional.of(
                    (uid, gid) -> OwnerNamespace.open(zygote(), uid, gid, reserved.uid()));
        }
        return Optional.empty();
    }

    private SyscallProgram compile(LaunchPlan plan, Target target) {
        SyscallProgram program =
                LaunchCompiler.compile(
                        plan,
                        Kernel.cpu(),
                        filter,
                        target.uid(),
                        target.gid(),
                        ZygoteProgram.REQUEST);
        if (program.size() <= INLINE_PROGRAM) {
            return program;
        }
        return LaunchCompiler.compile(
                plan, Kernel.cpu(), filter, target.uid(), target.gid(), ZygoteProgram.MAPPED);
    }

    private static boolean transmit(
            Zygote zygote, SyscallProgram program, List<Integer> descriptors) {
        try {
            if (program.base() == ZygoteProgram.REQUEST) {
                return zygote.send(program.encode(), descriptors);
            }
            try (ProgramFile file = ProgramFile.of(program)) {
                List<Integer> all = new ArrayList<>(descriptors);
                all.add(file.descriptor());
                int number = LaunchCompiler.FIRST_PASSED + descriptors.size();
                SyscallProgram mapping =
                        ZygoteProgram.mapped(
                                program.cpu(), program.header(), number, program.size());
                return zygote.send(mapping.encode(), all);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException("interrupted before the command was started", e);
        }
    }

    /// What a launch of `command` would do.
    String explain(SandboxSpec spec, Command command) {
        UserMap users = LaunchPlanner.users(spec, facts);
        boolean other = facts.privileged();
        int uid = other ? hostUsers.first() : facts.uid();
        int gid = other ? hostUsers.first() : facts.gid();
        try (BindSources binds = BindSources.resolve(spec, Optional.empty())) {
            LaunchPlan plan =
                    LaunchPlanner.plan(spec, facts, binds.root(), binds.sources(), command);
            SyscallProgram program =
                    LaunchCompiler.compile(
                            plan, Kernel.cpu(), filter, uid, gid, ZygoteProgram.REQUEST);
            StringBuilder out = new StringBuilder();
            out.append("new namespaces: ").append(plan.newNamespaces());
            out.append("; users: ").append(describe(users, uid));
            out.append("; ").append(program.operations().size()).append(" operations, ");
            out.append(program.size()).append(" bytes\n");
            Enforced.of(spec, plan).forEach(e -> out.append("enforced: ").append(e).append('\n'));
            return out.append(ProgramPrinter.print(program)).toString();
        }
    }

    private static String describe(UserMap users, int uid) {
        return switch (users) {
            case UserMap.Single single -> single.uid() + " inside is " + uid + " on the host";
            case UserMap.Ranges ranges -> ranges.uids().toString();
            case UserMap.Host _ -> "the JVM's own";
            case UserMap.HostDropped _ -> uid + " on the host, without a user namespace";
        };
    }
}
