package io.cloister.sandbox.linux.standstill;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// From the line of the kernel to what a thread waits for.
class BlockedCallTest {

    private static final String STACK = " 0x7ffe84ab9348 0x7fb8d9cc92ad\n";
    private byte[] memory = {};

    private final BlockedCall.Process process =
            new BlockedCall.Process() {
                @Override
                public Optional<String> file(int descriptor) {
                    return descriptor < 10
                            ? Optional.of("pipe:[" + descriptor + "]")
                            : Optional.empty();
                }

                @Override
                public Optional<List<Integer>> watched(int epoll) {
                    return epoll == 3 ? Optional.of(List.of(0, 5)) : Optional.empty();
                }

                @Override
                public Optional<byte[]> memory(long address, int length) {
                    return address == 0x1000 && length <= memory.length
                            ? Optional.of(Arrays.copyOf(memory, length))
                            : Optional.empty();
                }
            };

    private Wait wait(String numbers) {
        return BlockedCall.parse(numbers + STACK, SyscallAbi.X86_64)
                .orElseThrow()
                .waitsFor(process);
    }

    private static Wait files(String call, int... descriptors) {
        return new Wait.ForFiles(
                call,
                Arrays.stream(descriptors)
                        .mapToObj(d -> new Wait.Spot(d, "pipe:[" + d + "]"))
                        .toList());
    }

    @Test
    void theLineOfTheKernelIsRead() {
        assertThat(
                        BlockedCall.parse(
                                "0 0x3 0x7fb8d9b4d000 0x20000 0x0 0xffffffffffffffff 0x0" + STACK,
                                SyscallAbi.X86_64))
                .contains(
                        new BlockedCall(
                                Syscall.READ, List.of(3L, 0x7fb8d9b4d000L, 0x20000L, 0L, -1L, 0L)));
        assertThat(BlockedCall.parse("63 0x3 0x1 0x1 0x0 0x0 0x0" + STACK, SyscallAbi.AARCH64))
                .map(BlockedCall::call)
                .contains(Syscall.READ);
    }

    /// It runs, sleeps outside a call, is a 32-bit program, or the number is none.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "running\n",
                "-1 0x7ffe84ab9348 0x7fb8d9cc92ad\n",
                "3 0x0 0x1 0x1 0x0 0x0 0x0 0xffbc9348 0xf7cc92ad\n",
                "1073741824 0x0 0x1 0x1 0x0 0x0 0x0 0x7ffe84ab9348 0x7fb8d9cc92ad\n",
                ""
            })
    void whatSaysNothingIsNotRead(String line) {
        assertThat(BlockedCall.parse(line, SyscallAbi.X86_64)).isEmpty();
    }

    @Test
    void readAndWriteWaitForTheirFile() {
        assertThat(wait("0 0x0 0x1 0x1 0x0 0x0 0x0")).isEqualTo(files("read", 0));
        assertThat(wait("1 0x1 0x1 0x1 0x0 0x0 0x0")).isEqualTo(files("write", 1));
        assertThat(wait("275 0x4 0x0 0x5 0x0 0x1 0x0")).isEqualTo(files("splice", 4, 5));
        assertThat(wait("0 0xb 0x1 0x1 0x0 0x0 0x0")).isInstanceOf(Wait.Unknown.class);
    }

    @Test
    void pollWaitsForItsFilesUnlessItHasATime() {
        ByteBuffer polled = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        polled.putInt(0, 4).putInt(8, -1).putInt(16, 6);
        memory = polled.array();
        assertThat(wait("7 0x1000 0x3 0xffffffff 0x0 0x0 0x0")).isEqualTo(files("poll", 4, 6));
        assertThat(wait("271 0x1000 0x3 0x0 0x0 0x0 0x0")).isEqualTo(files("ppoll", 4, 6));
        assertThat(wait("7 0x1000 0x3 0x3e8 0x0 0x0 0x0"))
                .isEqualTo(new Wait.Unknown("waits for a time in poll()"));
        assertThat(wait("271 0x1000 0x3 0x7ffe0000 0x0 0x0 0x0")).isInstanceOf(Wait.Unknown.class);
        assertThat(wait("7 0x2000 0x3 0xffffffff 0x0 0x0 0x0")).isInstanceOf(Wait.Unknown.class);
        assertThat(wait("7 0x1000 0x7fffffff 0xffffffff 0x0 0x0 0x0"))
                .isInstanceOf(Wait.Unknown.class);
    }

    @Test
    void selectWaitsForItsSetsUnlessItHasATime() {
        memory = new byte[] {0b0010_0001, 0, 0, 0, 0, 0, 0, 0};
        assertThat(wait("23 0x6 0x1000 0x0 0x0 0x0 0x0")).isEqualTo(files("select", 0, 5));
        assertThat(wait("270 0x6 0x0 0x1000 0x0 0x0 0x0")).isEqualTo(files("pselect6", 0, 5));
        assertThat(wait("23 0x1 0x1000 0x0 0x0 0x0 0x0")).isEqualTo(files("select", 0));
        assertThat(wait("23 0x6 0x1000 0x0 0x0 0x7ffe0000 0x0")).isInstanceOf(Wait.Unknown.class);
    }

    @Test
    void epollWaitsForWhatItWatches() {
        assertThat(wait("232 0x3 0x1 0x1 0xffffffff 0x0 0x0")).isEqualTo(files("epoll_wait", 0, 5));
        assertThat(wait("232 0x4 0x1 0x1 0xffffffff 0x0 0x0")).isInstanceOf(Wait.Unknown.class);
        assertThat(wait("232 0x3 0x1 0x1 0x64 0x0 0x0")).isInstanceOf(Wait.Unknown.class);
    }

    /// wait4, futex FUTEX_WAIT_PRIVATE, FUTEX_WAIT_BITSET, rt_sigsuspend, pause.
    @ParameterizedTest
    @CsvSource({
        "61 0xffffffff 0x0 0x0 0x0 0x0 0x0, wait4",
        "202 0x1000 0x80 0x0 0x0 0x0 0xffffffff, futex",
        "202 0x1000 0x189 0x0 0x0 0x0 0xffffffff, futex",
        "130 0x1000 0x8 0x0 0x0 0x0 0x0, rt_sigsuspend",
        "34 0x0 0x0 0x0 0x0 0x0 0x0, pause"
    })
    void someCallsWaitForOthers(String numbers, String call) {
        assertThat(wait(numbers)).isEqualTo(new Wait.ForOthers(call));
    }

    /// futex with a time, nanosleep, restart_syscall, a read of a socket's call.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "202 0x1000 0x80 0x0 0x7ffe0000 0x0 0x0",
                "35 0x1000 0x0 0x0 0x0 0x0 0x0",
                "219 0x0 0x0 0x0 0x0 0x0 0x0",
                "45 0x3 0x0 0x0 0x0 0x0 0x0"
            })
    void othersMayEndByThemselves(String numbers) {
        assertThat(wait(numbers)).isInstanceOf(Wait.Unknown.class);
    }
}
