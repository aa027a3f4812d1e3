package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Packets;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.program.LaunchProgram;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.SyscallProgram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/// A command's process of a session that was made before anybody asked for it: with its domain and
/// its filter, it waits on its status socket for its streams and for what to execute. So the next
/// command has only its execve(2) to wait for.
///
/// One that is not there any more is passed over. Not thread-safe.
final class Standby {

    private final Zygote server;
    private final LaunchPlan plan;
    private final Footing footing;
    private final SyscallProgram setUp;
    private final int status;
    private Optional<Packets.Packet> created = Optional.empty();
    private boolean over;

    private Standby(
            Zygote server, LaunchPlan plan, Footing footing, SyscallProgram setUp, int status) {
        this.server = server;
        this.plan = plan;
        this.footing = footing;
        this.setUp = setUp;
        this.status = status;
    }

    /// Whether it can become `command`: it has no descriptors but three, no terminal, and no user
    /// of its own.
    static boolean suits(Command command) {
        return command.descriptors().isEmpty()
                && command.terminal().isEmpty()
                && command.user().isEmpty();
    }

    /// Asks for one; empty if that cannot be done at the moment.
    ///
    /// @param setUp the set-up for `plan` and `footing`, as it stands in a request
    static Optional<Standby> make(
            Zygote server, LaunchPlan plan, Footing footing, SyscallProgram setUp) {
        Kernel.Pair pair = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        if (pair.first() < 0) {
            return Optional.empty();
        }
        boolean sent = false;
        try {
            byte[] request = LaunchProgram.of(setUp).encode();
            sent = server.trySend(request, List.of(pair.second()));
        } finally {
            Kernel.close(pair.second());
            if (!sent) {
                Kernel.close(pair.first());
            }
        }
        return sent
                ? Optional.of(new Standby(server, plan, footing, setUp, pair.first()))
                : Optional.empty();
    }

    /// Whether nothing has gone wrong with it so far. It may not be ready yet: what to execute
    /// waits for it then.
    boolean isAlive() {
        while (!over) {
            Packets.Packet packet = Packets.receive(status);
            if (Errno.EAGAIN.is(packet.result())) {
                break;
            }
            take(packet);
        }
        return !over;
    }

    private void take(Packets.Packet packet) {
        long tag = tag(packet);
        if (tag == StatusTag.CREATED && !packet.descriptors().isEmpty()) {
            server.answered();
            created = Optional.of(packet);
        } else if (tag != StatusTag.READY) {
            // There is no process, or a step of it failed: what a launch would tell, if it is still
            // so then.
            packet.descriptors().forEach(Kernel::close);
            over = true;
        }
    }

    private static long tag(Packets.Packet packet) {
        return packet.result() < Long.BYTES
                ? 0
                : ByteBuffer.wrap(packet.bytes()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /// For which plan it was made.
    LaunchPlan plan() {
        return plan;
    }

    Footing footing() {
        return footing;
    }

    /// What it has done already.
    SyscallProgram setUp() {
        return setUp;
    }

    /// The JVM's end of its status socket, which the run takes over.
    int status() {
        return status;
    }

    /// Sends what to execute, and has the run hear of what has been received already.
    ///
    /// @return false if it is gone; the run was never sent then
    boolean send(SandboxRun run, byte[] execution, Streams streams) {
        return run.order(created, () -> Packets.send(status, execution, streams.childEnds()) >= 0);
    }

    /// It is not wanted: it ends by itself.
    void dismiss() {
        isAlive();
        if (created.isEmpty()) {
            // It was asked for, and nobody will hear the answer.
            server.answered();
        }
        forget();
        Kernel.close(status);
    }

    /// To be called once for the answer to the request, if that has not come so far.
    Runnable answered() {
        return created.isPresent() ? () -> {} : server::answered;
    }

    /// Lets go of what has been received; the status socket has been taken over.
    void forget() {
        created.ifPresent(packet -> packet.descriptors().forEach(Kernel::close));
    }
}
