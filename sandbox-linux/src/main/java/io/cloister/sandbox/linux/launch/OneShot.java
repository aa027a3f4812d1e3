package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Packets;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.Step;
import io.cloister.sandbox.linux.program.SyscallProgram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A short exchange with a zygote, apart from launches: a request, and what comes back on its
/// status socket. Used when slots are made, which is rare, and when sessions are reset; so it does
/// without the loop.
final class OneShot implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final SyscallProgram program;
    private final int status;
    private final List<Early> early = new ArrayList<>();

    private record Early(long tag, Message message) {}

    private OneShot(SyscallProgram program, int status) {
        this.program = program;
        this.status = status;
    }

    /// Sends `program` with further descriptors, which stay the caller's.
    static OneShot send(Zygote zygote, SyscallProgram program, List<Integer> descriptors) {
        Kernel.Pair pair = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
        LaunchErrors.check(SetupStep.START_LAUNCHER, "socketpair", pair.first());
        List<Integer> all = new ArrayList<>();
        all.add(pair.second());
        all.addAll(descriptors);
        try {
            if (!Transmission.send(zygote, program, all)) {
                throw new LauncherEndedException();
            }
            return new OneShot(program, pair.first());
        } catch (RuntimeException e) {
            Kernel.close(pair.first());
            throw e;
        } finally {
            Kernel.close(pair.second());
        }
    }

    /// A message.
    ///
    /// @param value the word behind the tag
    /// @param bytes all of it
    /// @param descriptors what came along; the receiver closes them
    record Message(long value, byte[] bytes, List<Integer> descriptors) {}

    /// What was made.
    ///
    /// @param pid its pid
    /// @param pidfd a pidfd of it
    record Made(int pid, int pidfd) {}

    /// What was made.
    Made awaitMade() {
        Message message = await(StatusTag.CREATED);
        if (message.descriptors().isEmpty()) {
            throw LaunchErrors.of(SetupStep.START_LAUNCHER, "pidfd", Errno.EMFILE.negated());
        }
        return new Made((int) message.value(), message.descriptors().getFirst());
    }

    /// The message with `tag`; a failed step throws. A child may say more before the launcher has
    /// said that it was made: what came early is kept.
    Message await(long tag) {
        for (Early one : early) {
            if (one.tag() == tag) {
                early.removeIf(it -> it == one);
                return one.message();
            }
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        Duration left = PATIENCE;
        while (BriefWait.forInput(status, left)) {
            left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            Packets.Packet packet = Packets.receive(status);
            if (packet.result() == 0) {
                throw new LauncherEndedException();
            }
            if (Errno.EAGAIN.is(packet.result())) {
                continue;
            }
            LaunchErrors.check(SetupStep.START_LAUNCHER, "status socket", packet.result());
            ByteBuffer words = ByteBuffer.wrap(packet.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            long got = words.getLong();
            long value = words.getLong();
            if (got == StatusTag.CREATED && value < 0) {
                throw notCloned(value);
            }
            if (got == tag) {
                return new Message(value, packet.bytes(), packet.descriptors());
            }
            Optional<Step> failed = program.stepAt(got);
            if (failed.isPresent()) {
                packet.descriptors().forEach(Kernel::close);
                throw LaunchErrors.of(failed.get(), value);
            }
            early.add(new Early(got, new Message(value, packet.bytes(), packet.descriptors())));
        }
        throw new SandboxException("the launcher does not answer");
    }

    /// Lets go of the status socket; what waits for it ends.
    @Override
    public void close() {
        early.forEach(one -> one.message().descriptors().forEach(Kernel::close));
        Kernel.close(status);
    }

    /// Only what makes namespaces is refused in these ways: a prepared launcher.
    private static RuntimeException notCloned(long result) {
        String errno = Errno.nameOf((int) -result);
        return switch (errno) {
            case "EPERM", "ENOSPC", "EUSERS", "EINVAL" ->
                    LaunchErrors.of(SetupStep.CREATE_NAMESPACES, "of a prepared launcher", result);
            default -> LaunchErrors.of(SetupStep.START_LAUNCHER, "clone3", result);
        };
    }
}
