package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Packets;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.EventLoop.Registration;
import io.cloister.sandbox.linux.program.StatusTag;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// The JVM's end of a launch's status socket. Not thread-safe: its run's monitor guards it.
///
/// The kernel drops a descriptor that finds no room in the JVM's table. So room for those that come
/// alone, the two pidfds of a launch and the listener of its filter, is held from the beginning,
/// and made free just before they arrive.
final class StatusSocket {

    private final int descriptor;
    private final Registration registration;
    private final Deque<Integer> reserve = new ArrayDeque<>();
    private final List<Packets.Packet> early = new ArrayList<>();
    private boolean created;
    private int expected;
    private boolean ended;

    /// @param descriptor the socket; closed at its end
    /// @param messages how many messages with descriptors will come
    /// @param ready called on the loop's thread when there is something to read
    StatusSocket(EventLoop loop, int descriptor, int messages, Runnable ready) {
        this.descriptor = descriptor;
        expected = messages;
        for (int i = 0; i < messages; i++) {
            int room = Kernel.fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
            if (room < 0) {
                releaseReserve();
                throw LaunchErrors.of(SetupStep.OPEN_STREAMS, "room for a descriptor", room);
            }
            reserve.push(room);
        }
        try {
            registration = loop.register(descriptor, EPOLLIN, _ -> ready.run());
        } catch (RuntimeException e) {
            releaseReserve();
            throw e;
        }
    }

    /// Lets go of the socket, which stays open.
    void abandon() {
        ended = true;
        releaseReserve();
        registration.cancel();
    }

    private void releaseReserve() {
        reserve.forEach(Kernel::close);
        reserve.clear();
    }

    /// Passes on what has arrived, CREATED first: the launcher may be held up after it has made the
    /// first process, which then says more before the launcher says that it was made.
    ///
    /// @return whether the stream goes on
    boolean receive(Consumer<Packets.Packet> receiver) {
        while (!ended) {
            if (!reserve.isEmpty()) {
                Kernel.close(reserve.pop());
            }
            Packets.Packet packet = Packets.receive(descriptor);
            if (packet.descriptors().isEmpty() && expected > reserve.size()) {
                // Not this message: the room is kept for the one that comes.
                int room = Kernel.fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
                if (room >= 0) {
                    reserve.push(room);
                }
            } else if (!packet.descriptors().isEmpty()) {
                expected--;
            }
            if (Errno.EAGAIN.is(packet.result())) {
                return true;
            }
            if (packet.result() <= 0) {
                passEarly(receiver);
                return false;
            }
            if (!created && !isCreated(packet)) {
                early.add(packet);
                continue;
            }
            created = true;
            receiver.accept(packet);
            passEarly(receiver);
        }
        return false;
    }

    /// Takes the first message as received, since it came before there was a run.
    void begin(Packets.Packet first, Consumer<Packets.Packet> receiver) {
        created = true;
        expected--;
        receiver.accept(first);
        passEarly(receiver);
    }

    private static boolean isCreated(Packets.Packet packet) {
        return ByteBuffer.wrap(packet.bytes()).order(ByteOrder.LITTLE_ENDIAN).getLong()
                == StatusTag.CREATED;
    }

    private void passEarly(Consumer<Packets.Packet> receiver) {
        List<Packets.Packet> all = List.copyOf(early);
        early.clear();
        all.forEach(receiver);
    }

    /// Lets the process go on that waits for an answer.
    void answer() {
        if (!ended) {
            byte[] go = new byte[8];
            Kernel.write(descriptor, go, 0, go.length);
        }
    }

    boolean isEnded() {
        return ended;
    }

    /// Closes it.
    void end() {
        if (!ended) {
            ended = true;
            releaseReserve();
            registration.close();
        }
    }
}
