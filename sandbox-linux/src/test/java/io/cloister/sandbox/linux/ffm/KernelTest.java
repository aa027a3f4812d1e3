package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.Errno.EADDRINUSE;
import static io.cloister.sandbox.Errno.EAGAIN;
import static io.cloister.sandbox.Errno.EBADF;
import static io.cloister.sandbox.Errno.EINVAL;
import static io.cloister.sandbox.Errno.ENOENT;
import static io.cloister.sandbox.Errno.ENOTTY;
import static io.cloister.sandbox.Errno.EPIPE;
import static io.cloister.sandbox.Errno.ESRCH;
import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

@Tag("kernel")
class KernelTest {

    private static final int NOT_OPEN = 1 << 20;

    @Test
    void randomNumbersDiffer() {
        LongStream drawn = Arrays.stream(Kernel.random(32));
        assertThat(LongStream.concat(drawn, Arrays.stream(Kernel.random(32))).distinct())
                .hasSize(64);
    }

    @Test
    void everyBindingAnswersWithTheNegatedErrorNumber() {
        NativeBuffer buffer = new NativeBuffer(8);
        assertThat(Kernel.close(NOT_OPEN)).isEqualTo(EBADF.negated());
        assertThat(Kernel.read(NOT_OPEN, buffer, 8)).isEqualTo(EBADF.negated());
        assertThat(Kernel.write(NOT_OPEN, buffer, 8)).isEqualTo(EBADF.negated());
        assertThat(Kernel.write(NOT_OPEN, new byte[1], 0, 1)).isEqualTo(EBADF.negated());
        assertThat(Kernel.fcntl(NOT_OPEN, 3, 0)).isEqualTo(EBADF.negated());
        assertThat(Kernel.open("/not/there", O_RDONLY, 0)).isEqualTo(ENOENT.negated());
        assertThat(Kernel.pipe(-1)).isEqualTo(new Kernel.Pair(EINVAL.negated(), EINVAL.negated()));
        assertThat(Kernel.socketPair(77).first()).isEqualTo(EINVAL.negated());
        assertThat(Kernel.pidfdOpen(Integer.MAX_VALUE)).isEqualTo(ESRCH.negated());
        assertThat(Kernel.pidfdSendSignal(NOT_OPEN, 0)).isEqualTo(EBADF.negated());
        assertThat(Kernel.openTree(NOT_OPEN, "x", 0)).isEqualTo(EBADF.negated());
        assertThat(Kernel.hardLimit(999)).isEqualTo(EINVAL.negated());
    }

    @Test
    void theStatusOfWhatIsNotOpenIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kernel.status(NOT_OPEN))
                .withMessage("descriptor " + NOT_OPEN + ": EBADF");
    }

    @Test
    void aPipeCarriesBytesAndTellsWhenItIsEmptyEndedOrBroken() {
        Kernel.Pair pipe = Kernel.pipe(O_CLOEXEC | O_NONBLOCK);
        NativeBuffer buffer = new NativeBuffer(16);
        assertThat(Kernel.read(pipe.first(), buffer, 16)).isEqualTo(EAGAIN.negated());
        assertThat(Kernel.write(pipe.second(), new byte[] {9, 1, 2, 3, 9}, 1, 3)).isEqualTo(3);
        assertThat(Kernel.read(pipe.first(), buffer, 2)).isEqualTo(2);
        byte[] read = new byte[4];
        buffer.get(0, read, 1, 2);
        assertThat(read).containsExactly(0, 1, 2, 0);
        assertThat(Kernel.read(pipe.first(), buffer, 1000)).isEqualTo(1);
        assertThat(Kernel.write(pipe.second(), new byte[0], 0, 0)).isZero();
        Kernel.close(pipe.second());
        assertThat(Kernel.read(pipe.first(), buffer, 16)).isZero();

        Kernel.Pair broken = Kernel.pipe(O_CLOEXEC);
        Kernel.close(broken.first());
        assertThat(Kernel.write(broken.second(), new byte[1], 0, 1)).isEqualTo(EPIPE.negated());
        Kernel.close(pipe.first());
        Kernel.close(broken.second());
    }

    @Test
    void aReadIsNeverLongerThanItsBuffer() {
        Kernel.Pair pipe = Kernel.pipe(O_CLOEXEC);
        Kernel.write(pipe.second(), new byte[100], 0, 100);
        assertThat(Kernel.read(pipe.first(), new NativeBuffer(10), 100)).isEqualTo(10);
        Kernel.close(pipe.first());
        Kernel.close(pipe.second());
    }

    @Test
    void pollWaitsForItsTimeOrForTheDescriptor() {
        Kernel.Pair pipe = Kernel.pipe(O_CLOEXEC);
        long start = System.nanoTime();
        assertThat(Kernel.poll(pipe.first(), EPOLLIN, Duration.ofMillis(30))).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(29_000_000L);
        Kernel.write(pipe.second(), new byte[1], 0, 1);
        assertThat(Kernel.poll(pipe.first(), EPOLLIN, Duration.ofHours(1))).isEqualTo(1);
        Kernel.close(pipe.first());
        Kernel.close(pipe.second());
    }

    @Test
    void anAbstractNameHasOneOwnerUntilItIsClosed() {
        String name = "io.cloister.sandbox/test/" + UUID.randomUUID();
        int holder = Kernel.bindAbstract(name);
        assertThat(holder).isNotNegative();
        assertThat(Kernel.bindAbstract(name)).isEqualTo(EADDRINUSE.negated());
        assertThat(Kernel.bindAbstract(name + "x")).isNotNegative().satisfies(Kernel::close);
        Kernel.close(holder);
        int again = Kernel.bindAbstract(name);
        assertThat(again).isNotNegative();
        Kernel.close(again);
    }

    @Test
    void aPipeIsNoTerminal() {
        Kernel.Pair pipe = Kernel.pipe(O_CLOEXEC);
        assertThat(Kernel.foregroundGroup(pipe.first())).isEqualTo(ENOTTY.negated());
        Kernel.close(pipe.first());
        Kernel.close(pipe.second());
    }

    @Test
    void aPidfdOfThisProcessCanBeAskedWhetherItLives() {
        int pidfd = Kernel.pidfdOpen((int) ProcessHandle.current().pid());
        assertThat(pidfd).isNotNegative();
        assertThat(Kernel.pidfdSendSignal(pidfd, 0)).isZero();
        Kernel.close(pidfd);
    }

    @Test
    void threadsDoNotMixTheirErrors() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean even = i % 2 == 0;
                all.add(
                        threads.submit(() -> {
                            for (int j = 0; j < 20_000; j++) {
                                int result =
                                        even
                                                ? Kernel.close(NOT_OPEN)
                                                : Kernel.open("/not/there", O_RDONLY, 0);
                                if (!(even ? EBADF : ENOENT).is(result)) {
                                    return false;
                                }
                            }
                            return true;
                        }));
            }
            for (Future<Boolean> future : all) {
                assertThat(future.get()).isTrue();
            }
        }
    }

    @Test
    void aBufferIsZeroAtFirstAndKeepsWhatIsPut() {
        NativeBuffer buffer = new NativeBuffer(24);
        assertThat(buffer.size()).isEqualTo(24);
        assertThat(buffer.getLong(16)).isZero();
        buffer.put(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 9);
        assertThat(buffer.getInt(0)).isEqualTo(0x04030201);
        assertThat(buffer.getLong(1)).isEqualTo(0x0908070605040302L);
    }
}
