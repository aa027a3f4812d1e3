package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.SyscallProgram;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Makes a zygote from another one.
final class NewZygote {

    private NewZygote() {}

    /// Has `parent` run `program`, which ends up serving requests itself.
    ///
    /// @param group the control group that it is born into
    static Zygote make(EventLoop loop, Zygote parent, SyscallProgram program, OptionalInt group) {
        return make(loop, parent, program, group, List.of());
    }

    /// Has `parent` run `program`, which ends up serving requests itself.
    ///
    /// @param group the control group that it is born into
    /// @param further descriptors that the program wants, which stay the caller's
    static Zygote make(
            EventLoop loop,
            Zygote parent,
            SyscallProgram program,
            OptionalInt group,
            List<Integer> further) {
        Kernel.Pair pair = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        LaunchErrors.check(SetupStep.START_LAUNCHER, "socketpair", pair.first());
        List<Integer> descriptors = new ArrayList<>(List.of(pair.second()));
        group.ifPresent(descriptors::add);
        descriptors.addAll(further);
        try (OneShot exchange = OneShot.send(parent, program, descriptors)) {
            OneShot.Made made;
            try {
                made = exchange.awaitMade();
            } finally {
                parent.answered();
            }
            try {
                exchange.await(StatusTag.STARTED);
                return new Zygote(loop, pair.first(), made.pid(), made.pidfd(), false);
            } catch (RuntimeException e) {
                Kernel.close(made.pidfd());
                throw e;
            }
        } catch (RuntimeException e) {
            Kernel.close(pair.first());
            throw e;
        } finally {
            Kernel.close(pair.second());
        }
    }
}
