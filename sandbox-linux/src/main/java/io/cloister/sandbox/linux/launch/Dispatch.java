package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_GETFL;
import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.LaunchProgram;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Hands launches over to zygotes. Thread-safe.
///
/// @param loop the loop of all runs
/// @param facts what is known of the host
record Dispatch(EventLoop loop, HostFacts facts) {

    /// The streams of a command.
    ///
    /// @param ends what some of them are instead; see [Streams#open]
    Streams open(Policy policy, Command command, Map<Integer, Integer> ends) {
        long limit = policy.spec().limits().output().map(Bytes::value).orElse(Long.MAX_VALUE);
        return Streams.open(loop, command, limit, ends);
    }

    /// Makes the ends of pipes that are the program's its user's.
    ///
    /// @param id the host user of the launch
    void giveTo(Policy policy, Command command, Streams streams, int id) {
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

    /// A descriptor of the group that the first process is born into; version 2 has one.
    static Optional<Integer> directory(RunGroup group) {
        OptionalInt directory = Groups.translated(group::directory);
        return directory.isPresent() ? Optional.of(directory.getAsInt()) : Optional.empty();
    }

    /// Sends a launch.
    ///
    /// @param trees what else the program gets, behind the descriptors of the command
    /// @return empty if the zygote has ended; then nothing is left of it but what was given
    Optional<SandboxRun> transmit(
            Command command,
            Streams streams,
            List<Integer> trees,
            Target target,
            RunSettings settings,
            RunTrail trail) {
        checkDescriptors(command);
        // May have to be opened, and to fail.
        Optional<Integer> group =
                settings.group().map(GroupsAhead.Begun::group).flatMap(Dispatch::directory);
        Kernel.Pair status = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        LaunchErrors.check(SetupStep.OPEN_STREAMS, "status socket", status.first());
        List<Integer> descriptors = new ArrayList<>();
        descriptors.add(status.second());
        descriptors.addAll(streams.childEnds());
        descriptors.addAll(command.descriptors().values());
        descriptors.addAll(trees);
        settings.group().ifPresent(begun -> descriptors.addAll(begun.group().entries()));
        group.ifPresent(descriptors::add);
        // Everything of our own comes before the request: the launcher may be woken on this very
        // CPU, and would wait for it.
        Optional<SandboxRun> run = Optional.empty();
        boolean sent = false;
        try {
            run =
                    Optional.of(
                            new SandboxRun(loop, settings, target, streams, status.first(), trail));
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

    /// For which a run ends whose program writes more than it may.
    static Kill outputExceeded(Policy policy) {
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
}
