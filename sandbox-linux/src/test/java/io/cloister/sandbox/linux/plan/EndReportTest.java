package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

class EndReportTest {

    /// tag, status, start (s, ns), end (s, ns), struct rusage of 144 bytes.
    private static final int SIZE = 48 + 144;

    @Test
    void everyFieldStandsWhereTheMessageHasIt() {
        ByteBuffer message = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        message.putLong(3).putLong(7 << 8);
        message.putLong(100).putLong(900_000_000L).putLong(102).putLong(100_000_000L);
        // struct rusage: ru_utime, ru_stime, ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt,
        // ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw,
        // ru_nivcsw
        message.putLong(1).putLong(2).putLong(3).putLong(4);
        message.putLong(5).putLong(-1).putLong(-1).putLong(-1).putLong(6).putLong(7);
        for (int i = 0; i < 6; i++) {
            message.putLong(-1);
        }
        message.putLong(8).putLong(9);
        assertThat(message.hasRemaining()).isFalse();

        assertThat(EndReport.read(message.array()))
                .isEqualTo(
                        new EndReport(
                                7 << 8,
                                Duration.ofMillis(1200),
                                Duration.ofSeconds(1, 2_000),
                                Duration.ofSeconds(3, 4_000),
                                5 * 1024,
                                6,
                                7,
                                8,
                                9));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "256, 1", "65280, 255", "10752, 42"})
    void aStatusWithoutASignalIsAnExit(int status, int code) {
        EndReport report = of(status);
        assertThat(report.exited()).isTrue();
        assertThat(report.exitCode()).isEqualTo(code);
        assertThat(report.signal()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"9, 9", "139, 11", "134, 6", "64, 64", "31, 31", "159, 31"})
    void aStatusWithASignalIsNoExitAndTheCoreBitDoesNotCount(int status, int signal) {
        EndReport report = of(status);
        assertThat(report.exited()).isFalse();
        assertThat(report.signal()).isEqualTo(signal);
    }

    @Test
    void theUpperHalfOfTheStatusWordIsNotRead() {
        ByteBuffer message = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        message.putLong(8, 0xdead_beef_0000_0100L);
        assertThat(EndReport.read(message.array()).waitStatus()).isEqualTo(0x100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 48, SIZE - 1})
    void aMessageThatIsTooShortIsRefused(int size) {
        assertThatThrownBy(() -> EndReport.read(new byte[size]))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static EndReport of(int status) {
        return new EndReport(status, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0, 0, 0, 0, 0);
    }
}
