package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.program.LaunchProgram;

import java.util.List;
import java.util.Optional;

/// What a run has to know.
///
/// @param policy what it runs under
/// @param plan the plan of the launch
/// @param program the program of the first process, to name failed steps
/// @param maps writes user maps, where the child waits for that
/// @param group its control group
/// @param enforced what holds
/// @param left removes what the run leaves among the host's files, if there may be something
/// @param joined the session that it joins
/// @param part whether this is a sandbox that stays, or a command in one
record RunSettings(
        Policy policy,
        LaunchPlan plan,
        LaunchProgram program,
        UserMaps maps,
        Optional<GroupsAhead.Begun> group,
        List<Enforcement> enforced,
        Optional<Runnable> left,
        Optional<LinuxSession> joined,
        Part part) {

    /// What a run is.
    sealed interface Part {
        /// A sandbox of its own, for one command.
        record Alone() implements Part {}

        /// A sandbox that stays: there is no command, and its root is handed out.
        record Server() implements Part {}

        /// A command in a sandbox that stays.
        record Within(SandboxRun session) implements Part {}
    }

    /// Its control group.
    Optional<RunGroup> runGroup() {
        return group.map(GroupsAhead.Begun::group);
    }

    /// The same, without what only the launcher needs.
    RunSettings withoutBytes() {
        return new RunSettings(
                policy, plan, program.withoutBytes(), maps, group, enforced, left, joined, part);
    }

    /// Whether it is a sandbox that stays.
    boolean serves() {
        return part instanceof Part.Server;
    }
}
