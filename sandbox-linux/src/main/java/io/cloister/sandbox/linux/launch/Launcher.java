package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_GETFL;
import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Confined;
import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.LimitPlan;
import io.cloister.sandbox.linux.plan.Sharing;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.EntryProgram;
import io.cloister.sandbox.linux.program.InstalledFilter;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.LaunchProgram;
import io.cloister.sandbox.linux.program.ProgramPrinter;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/// Launches commands: one for the whole JVM. Its zygote and its loop start with the first launch
/// and live as long as the JVM. Thread-safe.
public final class Launcher {

    private static final int SENDS = 6;
    private static final long FIRST_PAUSE_NANOS = 1_000_000;

    /// How long the end of the JVM waits for the runs that it ends.
    private static final Duration END_PATIENCE = Duration.ofSeconds(2);

    /// A command of a session is its first process's user, whoever that is: with one number for all
    /// users the sessions of all of them have the same program.
    private static final int ANY_USER = 0;

    /// Namespaces that take along what a sandbox leaves of itself: processes, shared memory, files.
    private static final Set<Namespace> CLEANED_UP =
            EnumSet.of(Namespace.PID, Namespace.IPC, Namespace.MOUNT);

    private final HostFacts facts;
    private final HostUsers hostUsers = HostUsers.configured();
    private final EventLoop loop = new EventLoop();
    private final Groups groups;
    private final Slots slots;
    private final PrivateDirectories directories;
    private final Set<SandboxRun> runs = ConcurrentHashMap.newKeySet();
    private final Object masterLock = new Object();
    private Optional<Origin> master = Optional.empty();
    private volatile boolean ending;

    /// @param facts what the planner has to know of the host
    /// @param cgroups the control groups of the host
    public Launcher(HostFacts facts, CgroupHost cgroups) {
        this.facts = facts;
        groups = new Groups(cgroups);
        slots = new Slots(loop, hostUsers, groups);
        directories = new PrivateDirectories(facts.uid(), facts.privileged());
        // Processes end with the JVM by themselves; directories of control groups do not.
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "cloister-end"));
    }

    /// Other shutdown hooks may close sandboxes and wait for results meanwhile: each run is ended
    /// as cancelled, not by the end of its launcher, which would look like an attack.
    private void end() {
        ending = true;
        List<SandboxRun> left = List.copyOf(runs);
        left.forEach(SandboxRun::destroyForcibly);
        long deadline = System.nanoTime() + END_PATIENCE.toNanos();
        left.forEach(run -> run.awaitGone(Duration.ofNanos(deadline - System.nanoTime())));
        synchronized (masterLock) {
            master.ifPresent(origin -> origin.plain().end());
        }
        directories.end();
        groups.end();
    }

    /// What the planner knows of the host.
    public HostFacts facts() {
        return facts;
    }

    private Origin master() {
        synchronized (masterLock) {
            if (master.isEmpty() || !master.get().plain().isAlive()) {
                master.ifPresent(Origin::end);
                Zygote zygote = Zygote.start(loop);
                int width = Math.max(2, Runtime.getRuntime().availableProcessors());
                master = Optional.of(new Origin(loop, zygote, facts.uid(), facts.gid(), width));
            }
            return master.get();
        }
    }

    /// Who a launch runs as, and the zygotes to choose from.
    ///
    /// @param origin the zygotes
    /// @param owners for binds that are prepared by a privileged JVM
    /// @param group makes the control group of a run
    /// @param release gives it back
    private record Place(
            Origin origin,
            Optional<BindSources.Owners> owners,
            int id,
            Function<LimitPlan, Optional<GroupsAhead.Begun>> group,
            Runnable ending,
            Runnable release) {

        /// Sharing what an ordinary JVM has for all.
        static Place ofAll(Origin origin, Groups groups, LimitPlan limits) {
            return new Place(
                    origin,
                    Optional.empty(),
                    0,
                    plan -> plan.isGrouped() ? groups.shared().begin(plan) : Optional.empty(),
                    () -> {},
                    () -> groups.prepareShared(limits));
        }
    }

    private Place place(Policy policy) {
        UserMap users = policy.users();
        Origin origin = master();
        if (!facts.privileged()) {
            Origin from = policy.joining().map(it -> entered(origin, it)).orElse(origin);
            return Place.ofAll(from, groups, policy.limitPlan());
        }
        Zygote zygote = origin.plain();
        Slots.Wish wish =
                new Slots.Wish(
                        !(users instanceof UserMap.HostDropped), policy.limitPlan().controllers());
        Slots.Slot slot =
                policy.joining()
                        .map(joining -> entered(zygote, wish, joining))
                        .orElseGet(() -> slots.take(zygote, wish));
        if (!policy.spec().newNamespaces().containsAll(CLEANED_UP)) {
            slot.retire();
        }
        int id = slot.origin().uid();
        long hostUid = users instanceof UserMap.Ranges r ? r.hostUid() : id;
        long hostGid = users instanceof UserMap.Ranges r ? r.hostGid() : id;
        return new Place(
                slot.origin(),
                Optional.of((uid, gid) ->
                        slot.ownerNamespace(
                                zygote, new OwnerNamespace.Mapping(uid, gid, hostUid, hostGid))),
                id,
                slot::begin,
                slot::ending,
                () -> slot.released(policy.limitPlan()));
    }

    /// A launcher of an ordinary JVM that has entered a session.
    private Origin entered(Origin origin, Joining joining) {
        Sharing sharing = joining.sharing();
        SessionDoors doors = joining.session().doors();
        Entry entry = entry(doors, sharing);
        SyscallProgram program =
                EntryProgram.launcher(Kernel.cpu(), entry, facts.uid(), facts.gid(), false, false);
        Zygote zygote =
                doors.zygote(
                        sharing.namespaces(),
                        sharing.tracing(),
                        () ->
                                doors.passing(
                                        entry,
                                        descriptors ->
                                                NewZygote.make(
                                                        loop,
                                                        origin.plain(),
                                                        program,
                                                        OptionalInt.empty(),
                                                        descriptors)));
        return new Origin(loop, zygote, facts.uid(), facts.gid(), 1);
    }

    /// A slot of a privileged JVM that has entered a session. Who is to trace its processes has to
    /// be its host user.
    private Slots.Slot entered(Zygote master, Slots.Wish wish, Joining joining) {
        SessionDoors doors = joining.session().doors();
        Entry entry = entry(doors, joining.sharing());
        OptionalInt user =
                joining.sharing().tracing()
                        ? OptionalInt.of(joining.session().hostUser())
                        : OptionalInt.empty();
        return doors.passing(
                entry, descriptors -> slots.enter(master, wish, entry, user, descriptors));
    }

    private Entry entry(SessionDoors doors, Sharing sharing) {
        return Entry.plan(
                sharing.namespaces(), sharing.tracing(), facts.privileged(), doors.isBelow());
    }

    /// The loop of all runs.
    EventLoop loop() {
        return loop;
    }

    /// Sends the launch of `command`.
    ///
    /// @param ends what some of its standard streams are instead; see [Streams#open]
    SandboxRun start(Policy policy, Command command, Map<Integer, Integer> ends) {
        return start(policy, command, ends, new RunSettings.Part.Alone());
    }

    private SandboxRun start(
            Policy policy, Command command, Map<Integer, Integer> ends, RunSettings.Part part) {
        if (ending) {
            throw new IllegalStateException("the JVM is ending");
        }
        long requestedAt = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            Optional<SandboxRun> run = tryStart(policy, command, ends, part, requestedAt);
            if (run.isPresent()) {
                SandboxRun started = run.get();
                policy.joining().ifPresent(joining -> joining.session().attach(started));
                runs.add(started);
                started.onGone(() -> runs.remove(started));
                if (ending) {
                    started.destroyForcibly();
                }
                return started;
            }
            if (attempt == SENDS) {
                throw new SandboxException(
                        "the launcher was killed " + SENDS + " times before it took the request");
            }
            // Its end may not have been noticed yet.
            LockSupport.parkNanos(FIRST_PAUSE_NANOS << attempt);
        }
    }

    /// Opens a sandbox that stays; its first process serves on the other end of `socket`.
    ///
    /// @param policy that of the session
    SandboxRun serve(Policy policy, int socket) {
        Command nothing =
                Command.of("session")
                        .stdin(Input.empty())
                        .stdout(Output.discard())
                        .stderr(Output.discard())
                        .descriptor(3, socket);
        return start(policy, nothing, Map.of(), new RunSettings.Part.Server());
    }

    /// Sends a command into a sandbox that stays.
    ///
    /// @param server its first process
    /// @param policy the policy of the command
    /// @param plan its plan
    /// @return empty if the first process has ended
    Optional<SandboxRun> startWithin(
            SandboxRun session, Zygote server, Policy policy, LaunchPlan plan, Command command) {
        long requestedAt = System.nanoTime();
        Streams streams = Streams.open(loop, command, outputLimit(policy), Map.of());
        Undo undo = new Undo();
        undo.add(streams::abandon);
        try {
            TerminalSource terminal = TerminalSource.of(command, session.plan().mounts());
            if (terminal == TerminalSource.PASSED) {
                streams.openTerminal();
            }
            Optional<GroupsAhead.Begun> group =
                    session.groupWithin(policy.limitPlan(), maker(policy, session));
            group.ifPresent(g -> undo.add(g.group()::close));
            Footing footing =
                    new Footing(
                            Ahead.NOTHING,
                            group.map(GroupsAhead.Begun::group)
                                    .flatMap(Launcher::directory)
                                    .isPresent(),
                            ANY_USER,
                            ANY_USER,
                            terminal,
                            group.map(g -> g.group().entries().size()).orElse(0),
                            command.user(),
                            false);
            Target target = new Target(server, footing, () -> {}, () -> {});
            Execution execution = Execution.of(policy.spec(), command);
            RunSettings settings =
                    new RunSettings(
                            policy,
                            plan,
                            compile(policy, plan, execution, target),
                            UserMaps.NONE,
                            group,
                            policy.enforced(
                                    plan, group.map(g -> g.group().unmet()).orElse(List.of())),
                            Optional.empty(),
                            Optional.empty(),
                            new RunSettings.Part.Within(session));
            giveTo(policy, command, streams, session.hostUser());
            Optional<SandboxRun> run =
                    transmit(command, streams, List.of(), target, settings, requestedAt);
            if (run.isEmpty()) {
                undo.run();
            }
            return run;
        } catch (RuntimeException e) {
            undo.run(e);
            throw e;
        }
    }

    /// Has the first process of a session make the process of its next command.
    Optional<Standby> standby(Zygote server, Policy policy, LaunchPlan plan) {
        InstalledFilter filter = policy.filter();
        if (filter.listened() || policy.limitPlan().isGrouped()) {
            // A listener would have to be handed over, and a group made, long before the run.
            return Optional.empty();
        }
        Footing footing =
                new Footing(
                        Ahead.NOTHING,
                        false,
                        ANY_USER,
                        ANY_USER,
                        TerminalSource.NONE,
                        0,
                        Optional.empty(),
                        true);
        Policy.SetUpKey key = new Policy.SetUpKey(plan, List.of(), footing, ZygoteProgram.REQUEST);
        SyscallProgram setUp = policy.setUp(key, () -> setUp(key, filter));
        return setUp.size() > Transmission.INLINE
                ? Optional.empty()
                : Standby.make(server, plan, footing, setUp);
    }

    /// Has a process that stands by execute a command.
    ///
    /// @return empty if it is gone
    Optional<SandboxRun> startStandby(
            SandboxRun session, Zygote server, Standby standby, Policy policy, Command command) {
        long requestedAt = System.nanoTime();
        Undo undo = new Undo();
        Runnable unwanted = standby::dismiss;
        undo.add(unwanted);
        try {
            Streams streams = Streams.open(loop, command, outputLimit(policy), Map.of());
            undo.add(streams::abandon);
            LaunchProgram program =
                    LaunchCompiler.link(
                            standby.setUp(), Execution.of(policy.spec(), command), policy.filter());
            RunSettings settings =
                    new RunSettings(
                            policy,
                            standby.plan(),
                            program,
                            UserMaps.NONE,
                            Optional.empty(),
                            policy.enforced(standby.plan(), List.of()),
                            Optional.empty(),
                            Optional.empty(),
                            new RunSettings.Part.Within(session));
            giveTo(policy, command, streams, session.hostUser());
            Target target =
                    new Target(server, standby.footing(), standby.answered(), () -> {}, () -> {});
            SandboxRun run =
                    new SandboxRun(loop, settings, target, streams, standby.status(), requestedAt);
            undo.forget(unwanted);
            undo.add(standby::forget);
            undo.add(run::neverTaken);
            streams.onOutputExceeded(() -> run.kill(outputExceeded(policy)));
            byte[] execution = program.execution().encode();
            if (execution.length > Transmission.INLINE || !standby.send(run, execution, streams)) {
                undo.run();
                return Optional.empty();
            }
            streams.closeChildEnds();
            return Optional.of(run);
        } catch (RuntimeException e) {
            undo.run(e);
            throw e;
        }
    }

    private static long outputLimit(Policy policy) {
        return policy.spec().limits().output().map(Bytes::value).orElse(Long.MAX_VALUE);
    }

    /// One attempt; empty if the zygote had ended.
    private Optional<SandboxRun> tryStart(
            Policy policy,
            Command command,
            Map<Integer, Integer> ends,
            RunSettings.Part part,
            long requestedAt) {
        Streams streams = Streams.open(loop, command, outputLimit(policy), ends);
        Undo undo = new Undo();
        undo.add(streams::abandon);
        try {
            Place place = place(policy);
            undo.add(place.release());
            Optional<SandboxRun> run =
                    send(policy, command, streams, place, part, requestedAt, undo);
            if (run.isEmpty()) {
                undo.run();
            }
            return run;
        } catch (LauncherEndedException e) {
            undo.run(e);
            return Optional.empty();
        } catch (RuntimeException e) {
            undo.run(e);
            throw e;
        }
    }

    private Optional<SandboxRun> send(
            Policy policy,
            Command command,
            Streams streams,
            Place place,
            RunSettings.Part part,
            long requestedAt,
            Undo undo) {
        SandboxSpec spec = policy.spec();
        try (BindSources binds = BindSources.resolve(spec, place.owners())) {
            LaunchPlan plan = policy.plan(binds);
            Execution execution = Execution.of(spec, command);
            Optional<Runnable> left = Optional.empty();
            if (policy.isConfined()) {
                PrivateDirectories.PrivateDirectory scratch =
                        directories.make(place.id(), place.id());
                binds.trees().add(scratch.fd());
                undo.add(scratch.remove());
                left = Optional.of(scratch.remove());
                execution = Confined.inside(execution, scratch.path());
            }
            TerminalSource terminal = TerminalSource.of(command, plan.mounts());
            if (part instanceof RunSettings.Part.Server && plan.mounts().hasTerminals()) {
                // For the commands to come.
                terminal = TerminalSource.OWN;
            }
            if (terminal == TerminalSource.PASSED) {
                streams.openTerminal();
            }
            Origin.Choice choice =
                    // An ordinary JVM has one prepared launcher for all its sessions, and who joins
                    // them enters the user namespace of that.
                    facts.privileged() && part instanceof RunSettings.Part.Server
                                    || policy.joining().isPresent()
                            ? place.origin().plainChoice()
                            : place.origin().choose(plan);
            undo.add(choice.release());
            Optional<GroupsAhead.Begun> begun = place.group().apply(policy.limitPlan());
            begun.ifPresent(b -> undo.add(b.group()::close));
            Optional<RunGroup> group = begun.map(GroupsAhead.Begun::group);
            int id = place.id();
            Target target =
                    new Target(
                            choice.zygote(),
                            new Footing(
                                    choice.ahead(),
                                    group.flatMap(Launcher::directory).isPresent(),
                                    facts.privileged() ? id : facts.uid(),
                                    facts.privileged() ? id : facts.gid(),
                                    terminal,
                                    0,
                                    command.user(),
                                    false),
                            place.ending(),
                            () -> {
                                choice.release().run();
                                place.release().run();
                            });
            LaunchProgram program =
                    part instanceof RunSettings.Part.Server
                            ? compileServer(plan, target)
                            : compile(policy, plan, execution, target);
            RunSettings settings =
                    new RunSettings(
                            policy,
                            plan,
                            program,
                            UserMaps.of(policy.users(), facts.privileged()),
                            begun,
                            policy.enforced(plan, group.map(RunGroup::unmet).orElse(List.of())),
                            left,
                            policy.joining().map(Joining::session),
                            part);
            giveTo(policy, command, streams, id);
            return transmit(command, streams, binds.trees(), target, settings, requestedAt);
        }
    }

    /// Who makes the processes of a session's commands: its first process.
    private RunGroup.Maker maker(Policy policy, SandboxRun session) {
        boolean ranges = policy.users() instanceof UserMap.Ranges;
        if (!facts.privileged()) {
            return ranges ? new RunGroup.Maker.Stranger() : new RunGroup.Maker.Same();
        }
        int id = session.hostUser();
        UserMap.HostIds ids =
                policy.users() instanceof UserMap.Ranges r
                        ? r.hostIds()
                        : new UserMap.HostIds(id, id);
        return new RunGroup.Maker.Other((int) ids.uid(), (int) ids.gid());
    }

    private void giveTo(Policy policy, Command command, Streams streams, int id) {
        Optional<UserMap.HostIds> other = command.user().map(policy.users()::hostIds);
        if (facts.privileged()) {
            UserMap.HostIds owner =
                    other.orElse(
                            policy.users() instanceof UserMap.Ranges r
                                    ? r.hostIds()
                                    : new UserMap.HostIds(id, id));
            streams.giveTo((int) owner.uid(), (int) owner.gid());
        }
    }

    private static Optional<Integer> directory(RunGroup group) {
        OptionalInt directory = group.directory();
        return directory.isPresent() ? Optional.of(directory.getAsInt()) : Optional.empty();
    }

    private Optional<SandboxRun> transmit(
            Command command,
            Streams streams,
            List<Integer> trees,
            Target target,
            RunSettings settings,
            long requestedAt) {
        checkDescriptors(command);
        Kernel.Pair status = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        LaunchErrors.check(SetupStep.OPEN_STREAMS, "status socket", status.first());
        List<Integer> descriptors = new ArrayList<>();
        descriptors.add(status.second());
        descriptors.addAll(streams.childEnds());
        descriptors.addAll(command.descriptors().values());
        descriptors.addAll(trees);
        Optional<Integer> group =
                settings.group().map(GroupsAhead.Begun::group).flatMap(Launcher::directory);
        settings.group().ifPresent(begun -> descriptors.addAll(begun.group().entries()));
        group.ifPresent(descriptors::add);
        // Everything of our own comes before the request: the launcher may be woken on this very
        // CPU, and would wait for it.
        Optional<SandboxRun> run = Optional.empty();
        boolean sent = false;
        try {
            run =
                    Optional.of(
                            new SandboxRun(
                                    loop, settings, target, streams, status.first(), requestedAt));
            SandboxRun made = run.get();
            Policy policy = settings.policy();
            streams.onOutputExceeded(() -> made.kill(outputExceeded(policy)));
            LaunchProgram program = settings.program();
            int last = LaunchCompiler.FIRST_PASSED + descriptors.size() - 1;
            made.sending();
            sent =
                    Transmission.send(
                            target.zygote(),
                            group.isPresent() ? program.encodeInto(last) : program.encode(),
                            program.setUp().cpu(),
                            program.setUp().base(),
                            descriptors);
        } finally {
            if (!sent) {
                // Before the other end is closed, which would look like the end of a launch.
                run.ifPresentOrElse(SandboxRun::neverSent, () -> Kernel.close(status.first()));
            }
            Kernel.close(status.second());
        }
        if (!sent) {
            return Optional.empty();
        }
        streams.closeChildEnds();
        return run;
    }

    private static Kill outputExceeded(Policy policy) {
        return new Kill(
                new Outcome.LimitReached(Limit.OUTPUT),
                "killed for OUTPUT: more than %s on one stream"
                        .formatted(policy.spec().limits().output().orElseThrow()));
    }

    private static void checkDescriptors(Command command) {
        command.descriptors()
                .forEach((number, descriptor) ->
                        LaunchErrors.check(
                                SetupStep.DESCRIPTORS,
                                "descriptor " + number + " from " + descriptor,
                                Kernel.fcntl(descriptor, F_GETFL, 0)));
    }

    private static LaunchProgram compileServer(LaunchPlan plan, Target target) {
        LaunchProgram program = compileServer(plan, target, ZygoteProgram.REQUEST);
        return program.size() <= Transmission.INLINE
                ? program
                : compileServer(plan, target, ZygoteProgram.MAPPED);
    }

    private static LaunchProgram compileServer(LaunchPlan plan, Target target, int base) {
        return LaunchProgram.of(
                LaunchCompiler.compileServer(plan, target.footing(), Kernel.cpu(), base));
    }

    private LaunchProgram compile(
            Policy policy, LaunchPlan plan, Execution execution, Target target) {
        LaunchProgram program = compile(policy, plan, execution, target, ZygoteProgram.REQUEST);
        return program.size() <= Transmission.INLINE
                ? program
                : compile(policy, plan, execution, target, ZygoteProgram.MAPPED);
    }

    private LaunchProgram compile(
            Policy policy, LaunchPlan plan, Execution execution, Target target, int base) {
        Policy.SetUpKey key =
                new Policy.SetUpKey(plan, execution.descriptors(), target.footing(), base);
        return LaunchCompiler.link(
                policy.setUp(key, () -> setUp(key, policy.filter())), execution, policy.filter());
    }

    private static SyscallProgram setUp(Policy.SetUpKey key, InstalledFilter filter) {
        return LaunchCompiler.compile(
                key.plan(), key.descriptors(), key.footing(), Kernel.cpu(), filter, key.base());
    }

    /// What a launch of `command` would do.
    String explain(Policy policy, Command command) {
        SandboxSpec spec = policy.spec();
        boolean other = facts.privileged();
        int uid = other ? hostUsers.first() : facts.uid();
        int gid = other ? hostUsers.first() : facts.gid();
        try (BindSources binds = BindSources.resolve(spec, Optional.empty())) {
            LaunchPlan plan = policy.plan(binds);
            Execution execution = Execution.of(spec, command);
            if (policy.isConfined()) {
                execution = Confined.inside(execution, Confined.SHOWN);
            }
            SyscallProgram program =
                    setUp(
                            new Policy.SetUpKey(
                                    plan,
                                    execution.descriptors(),
                                    new Footing(
                                            Ahead.NOTHING,
                                            false,
                                            uid,
                                            gid,
                                            TerminalSource.of(command, plan.mounts()),
                                            0,
                                            command.user(),
                                            false),
                                    ZygoteProgram.REQUEST),
                            policy.filter());
            StringBuilder out = new StringBuilder();
            out.append("new namespaces: ").append(plan.newNamespaces());
            out.append("; users: ").append(describe(policy.users(), uid));
            out.append("; ").append(program.operations().size()).append(" operations, ");
            out.append(program.size()).append(" bytes\n");
            policy.enforced(plan, List.of())
                    .forEach(e -> out.append("enforced: ").append(e).append('\n'));
            out.append(
                    switch (Ahead.mostFor(plan)) {
                        case NOTHING -> "";
                        case NETWORK -> "may be done ahead by the launcher: the network\n";
                        case NETWORK_AND_BASE ->
                                "may be done ahead by the launcher: the network, and the tree up to"
                                        + " where it becomes read-only\n";
                    });
            policy.joining().ifPresent(joining -> out.append(explainEntry(joining, uid)));
            LaunchProgram launch = LaunchCompiler.link(program, execution, policy.filter());
            out.append(ProgramPrinter.print(launch.setUp()));
            return out.append(ProgramPrinter.print(launch.execution())).toString();
        }
    }

    private String explainEntry(Joining joining, int uid) {
        Entry entry = entry(joining.session().doors(), joining.sharing());
        int user =
                facts.privileged() && joining.sharing().tracing()
                        ? joining.session().hostUser()
                        : uid;
        SyscallProgram program =
                EntryProgram.launcher(Kernel.cpu(), entry, user, user, facts.privileged(), false);
        return "joined: "
                + joining.sharing().namespaces()
                + "; the launcher does this first\n"
                + ProgramPrinter.print(program)
                + "then the sandbox\n";
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
