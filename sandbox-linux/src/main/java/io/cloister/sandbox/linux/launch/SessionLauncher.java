package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.InstalledFilter;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.LaunchProgram;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Launches the commands of a sandbox that stays: sent to its first process, without new
/// namespaces. Thread-safe.
///
/// @param dispatch hands launches over
/// @param session the sandbox
/// @param server its first process
record SessionLauncher(Dispatch dispatch, SandboxRun session, Zygote server) {

    /// A command of a session is its first process's user, whoever that is: with one number for all
    /// users the sessions of all of them have the same program.
    private static final int ANY_USER = 0;

    /// Sends a command.
    ///
    /// @param policy the policy of the command
    /// @param plan its plan
    /// @return empty if the first process has ended
    Optional<SandboxRun> start(Policy policy, LaunchPlan plan, Command command) {
        RunTrail trail = RunTrail.within(session, command);
        Undo undo = new Undo();
        try {
            Streams streams = dispatch.open(policy, command, Map.of());
            undo.add(streams::abandon);
            TerminalSource terminal = TerminalSource.of(command, session.plan().mounts());
            if (terminal == TerminalSource.PASSED) {
                streams.openTerminal();
            }
            Optional<GroupsAhead.Begun> group =
                    session.account().within(policy.limitPlan(), maker(policy));
            group.ifPresent(g -> undo.add(g.group()::close));
            Footing footing =
                    new Footing(
                            Ahead.NOTHING,
                            group.map(GroupsAhead.Begun::group)
                                    .flatMap(Dispatch::directory)
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
                            LaunchPrograms.compile(policy, plan, execution, footing),
                            UserMaps.NONE,
                            group,
                            policy.enforced(
                                    plan, group.map(g -> g.group().unmet()).orElse(List.of())),
                            Optional.empty(),
                            Optional.empty(),
                            new RunSettings.Part.Within(session));
            dispatch.giveTo(policy, command, streams, session.hostUser());
            Optional<SandboxRun> run =
                    dispatch.transmit(command, streams, List.of(), target, settings, trail);
            if (run.isEmpty()) {
                trail.failed(LinuxSession.ended());
                undo.run();
            }
            return run;
        } catch (RuntimeException | Error e) {
            trail.failed(e);
            undo.run(e);
            throw e;
        }
    }

    /// Has the first process make the process of its next command.
    Optional<Standby> standby(Policy policy, LaunchPlan plan) {
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
        SyscallProgram setUp = policy.setUp(key, () -> LaunchPrograms.setUp(key, filter));
        return setUp.size() > Transmission.INLINE
                ? Optional.empty()
                : Standby.make(server, plan, footing, setUp);
    }

    /// Has a process that stands by execute a command.
    ///
    /// @return empty if it is gone
    Optional<SandboxRun> startStandby(Standby standby, Policy policy, Command command) {
        RunTrail trail = RunTrail.within(session, command);
        Undo undo = new Undo();
        Runnable unwanted = standby::dismiss;
        undo.add(unwanted);
        try {
            Streams streams = dispatch.open(policy, command, Map.of());
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
            dispatch.giveTo(policy, command, streams, session.hostUser());
            Target target =
                    new Target(server, standby.footing(), standby.answered(), () -> {}, () -> {});
            SandboxRun run =
                    new SandboxRun(
                            dispatch.loop(), settings, target, streams, standby.status(), trail);
            undo.forget(unwanted);
            undo.add(standby::forget);
            undo.add(run::neverTaken);
            streams.onOutputExceeded(() -> run.kill(Dispatch.outputExceeded(policy)));
            byte[] execution = program.execution().encode();
            if (execution.length > Transmission.INLINE || !standby.send(run, execution, streams)) {
                undo.run();
                return Optional.empty();
            }
            streams.closeChildEnds();
            return Optional.of(run);
        } catch (RuntimeException | Error e) {
            trail.failed(e);
            undo.run(e);
            throw e;
        }
    }

    /// Who makes the processes of a session's commands: its first process.
    private RunGroup.Maker maker(Policy policy) {
        boolean ranges = policy.users() instanceof UserMap.Ranges;
        if (!dispatch.facts().privileged()) {
            return ranges ? new RunGroup.Maker.Stranger() : new RunGroup.Maker.Same();
        }
        int id = session.hostUser();
        UserMap.HostIds ids =
                policy.users() instanceof UserMap.Ranges r
                        ? r.hostIds()
                        : new UserMap.HostIds(id, id);
        return new RunGroup.Maker.Other((int) ids.uid(), (int) ids.gid());
    }
}
