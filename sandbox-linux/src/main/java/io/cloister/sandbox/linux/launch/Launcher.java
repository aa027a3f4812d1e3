package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.JvmExit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.events.FlightRecords;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.Confined;
import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.LimitPlan;
import io.cloister.sandbox.linux.plan.Sharing;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.EntryProgram;
import io.cloister.sandbox.linux.program.LaunchProgram;
import io.cloister.sandbox.linux.program.SyscallProgram;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
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

    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

    private static final int SENDS = 6;
    private static final long FIRST_PAUSE_NANOS = 1_000_000;

    /// How long the end of the JVM waits for the runs that it ends.
    private static final Duration END_PATIENCE = Duration.ofSeconds(2);

    /// Namespaces that take along what a sandbox leaves of itself: processes, shared memory, files.
    private static final Set<Namespace> CLEANED_UP =
            EnumSet.of(Namespace.PID, Namespace.IPC, Namespace.MOUNT);

    private final HostFacts facts;
    private final HostUsers hostUsers = HostUsers.configured();
    private final EventLoop loop = new EventLoop();
    private final Dispatch dispatch;
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
        dispatch = new Dispatch(loop, facts);
        groups = new Groups(cgroups);
        slots = new Slots(loop, hostUsers, groups);
        directories = new PrivateDirectories(facts.uid(), facts.privileged());
        // Processes end with the JVM by themselves; directories of control groups do not.
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "cloister-end"));
    }

    /// Other shutdown hooks may close sandboxes and wait for results meanwhile: each run is ended
    /// as cancelled, not by the end of its launcher, which would look like an attack.
    private void end() {
        JvmExit.begin();
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
        loop.ending();
    }

    /// What the planner knows of the host.
    public HostFacts facts() {
        return facts;
    }

    private Origin master() {
        synchronized (masterLock) {
            if (master.isEmpty() || !master.get().plain().isAlive()) {
                OptionalInt before =
                        master.map(origin -> OptionalInt.of(origin.plain().pid()))
                                .orElse(OptionalInt.empty());
                master.ifPresent(Origin::end);
                Zygote zygote = Zygote.start(loop);
                before.ifPresent(pid -> restarted(pid, zygote.pid()));
                int width = Math.max(2, Runtime.getRuntime().availableProcessors());
                master = Optional.of(new Origin(loop, zygote, facts.uid(), facts.gid(), width));
            }
            return master.get();
        }
    }

    private static void restarted(int before, int now) {
        FlightRecords.launcherRestarted(before, now);
        LOG.atWarn()
                .addKeyValue("before", before)
                .addKeyValue("pid", now)
                .log(
                        "the launcher was killed from outside, and with it the sandboxes that it"
                                + " had made; another one has taken its place");
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
        Entry entry = joining.entry(doors, facts.privileged());
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
        Entry entry = joining.entry(doors, facts.privileged());
        OptionalInt user =
                joining.sharing().tracing()
                        ? OptionalInt.of(joining.session().hostUser())
                        : OptionalInt.empty();
        return doors.passing(
                entry, descriptors -> slots.enter(master, wish, entry, user, descriptors));
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
        RunTrail trail = RunTrail.begin(command);
        try {
            return start(policy, command, ends, part, trail);
        } catch (RuntimeException | Error e) {
            trail.failed(e);
            throw e;
        }
    }

    private SandboxRun start(
            Policy policy,
            Command command,
            Map<Integer, Integer> ends,
            RunSettings.Part part,
            RunTrail trail) {
        for (int attempt = 1; ; attempt++) {
            Optional<SandboxRun> run = tryStart(policy, command, ends, part, trail);
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

    /// One attempt; empty if the zygote had ended.
    private Optional<SandboxRun> tryStart(
            Policy policy,
            Command command,
            Map<Integer, Integer> ends,
            RunSettings.Part part,
            RunTrail trail) {
        Streams streams = dispatch.open(policy, command, ends);
        Undo undo = new Undo();
        undo.add(streams::abandon);
        try {
            Place place = place(policy);
            undo.add(place.release());
            Optional<SandboxRun> run = send(policy, command, streams, place, part, trail, undo);
            if (run.isEmpty()) {
                undo.run();
            }
            return run;
        } catch (LauncherEndedException e) {
            undo.run(e);
            return Optional.empty();
        } catch (RuntimeException | Error e) {
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
            RunTrail trail,
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
                                    group.flatMap(Dispatch::directory).isPresent(),
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
                            ? LaunchPrograms.compileServer(plan, target.footing())
                            : LaunchPrograms.compile(policy, plan, execution, target.footing());
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
            dispatch.giveTo(policy, command, streams, id);
            return dispatch.transmit(command, streams, binds.trees(), target, settings, trail);
        }
    }

    /// Launches the commands of a sandbox that stays.
    ///
    /// @param server its first process
    SessionLauncher within(SandboxRun session, Zygote server) {
        return new SessionLauncher(dispatch, session, server);
    }

    /// What a launch of `command` would do.
    String explain(Policy policy, Command command) {
        return new Explanation(facts, hostUsers.first()).of(policy, command);
    }
}
