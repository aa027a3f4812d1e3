package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.F_GETFL;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.SOCK_SEQPACKET;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Packets.Packet;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;

@Tag("kernel")
class PacketsTest {

    private static final int F_GETFD = 1;
    private static final int FD_CLOEXEC = 1;
    private static final int EBADF = -9;

    private final Kernel.Pair sockets = Kernel.socketPair(SOCK_SEQPACKET | SOCK_CLOEXEC);
    private final Kernel.Pair pipe = Kernel.pipe(O_CLOEXEC);

    @AfterEach
    void close() {
        for (int fd : new int[] {sockets.first(), sockets.second(), pipe.first(), pipe.second()}) {
            Kernel.close(fd);
        }
    }

    @Test
    void messagesKeepTheirBoundsAndTheirOrder() {
        assertThat(send(new byte[] {1, 2, 3})).isEqualTo(3);
        assertThat(send(new byte[] {4})).isEqualTo(1);
        Packet first = Packets.receive(sockets.second());
        assertThat(first.result()).isEqualTo(3);
        assertThat(first.bytes()).containsExactly(1, 2, 3);
        assertThat(first.descriptors()).isEmpty();
        assertThat(Packets.receive(sockets.second()).bytes()).containsExactly(4);
    }

    private int send(byte[] bytes, Integer... descriptors) {
        return Packets.send(sockets.first(), bytes, List.of(descriptors));
    }

    @Test
    void nothingThereIsNotWaitedFor() {
        assertThat(Packets.receive(sockets.second()).result()).isEqualTo(Errno.EAGAIN.negated());
    }

    @Test
    void theEndOfTheStreamIsZero() {
        Kernel.close(sockets.first());
        Packet packet = Packets.receive(sockets.second());
        assertThat(packet.result()).isZero();
        assertThat(packet.bytes()).isEmpty();
    }

    @Test
    void aMessageToNobodyIsABrokenPipeAndNoSignal() {
        Kernel.close(sockets.second());
        assertThat(send(new byte[1])).isEqualTo(Errno.EPIPE.negated());
    }

    @Test
    void descriptorsArriveInOrderAsNewOnesThatAreClosedByExecve() {
        assertThat(send(new byte[1], pipe.second(), pipe.first())).isEqualTo(1);
        Packet packet = Packets.receive(sockets.second());
        assertThat(packet.descriptors()).hasSize(2).doesNotContain(pipe.first(), pipe.second());
        int write = packet.descriptors().get(0);
        int read = packet.descriptors().get(1);
        assertThat(Kernel.fcntl(write, F_GETFD, 0)).isEqualTo(FD_CLOEXEC);
        assertThat(Kernel.write(write, new byte[] {42}, 0, 1)).isEqualTo(1);
        NativeBuffer buffer = new NativeBuffer(4);
        assertThat(Kernel.read(read, buffer, 4)).isEqualTo(1);
        assertThat(buffer.getInt(0)).isEqualTo(42);
        Kernel.close(write);
        Kernel.close(read);
    }

    @Test
    void asManyDescriptorsAsTheKernelTakesCanBeSentAndNotOneMore() {
        List<Integer> most = Collections.nCopies(253, pipe.first());
        assertThat(Packets.send(sockets.first(), new byte[1], most)).isEqualTo(1);
        Packet packet = Packets.receive(sockets.second());
        assertThat(packet.result()).isEqualTo(1);
        packet.descriptors().forEach(Kernel::close);
        List<Integer> more = Collections.nCopies(254, pipe.first());
        assertThat(Packets.send(sockets.first(), new byte[1], more))
                .isEqualTo(Errno.EINVAL.negated());
    }

    @Test
    void aDescriptorThatIsNotOpenIsRefused() {
        assertThat(send(new byte[1], 1 << 20)).isEqualTo(EBADF);
        assertThat(Packets.receive(sockets.second()).result()).isEqualTo(Errno.EAGAIN.negated());
        assertThat(Kernel.fcntl(pipe.first(), F_GETFL, 0)).isNotNegative();
    }
}
