package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SetUpTimes;
import io.cloister.sandbox.linux.plan.EndReport.Used;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

class EndReportTest {

    private static final int RUSAGE = 144;

    /// tag, status, start (s, ns), end (s, ns), struct rusage, own start (s, ns), execution (s,
    /// ns).
    private static final int SIZE = 48 + RUSAGE + 32;

    @Test
    void everyFieldStandsWhereTheMessageHasIt() {
        ByteBuffer message = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        message.putLong(3).putLong(7 << 8);
        message.putLong(100).putLong(900_000_000L).putLong(102).putLong(100_000_000L);
        putRusage(message, 1);
        message.putLong(100).putLong(700_000_000L).putLong(101).putLong(5);
        assertThat(message.hasRemaining()).isFalse();

        EndReport report = EndReport.read(message.array());
        assertThat(report)
                .isEqualTo(
                        new EndReport(
                                7 << 8,
                                100_700_000_000L,
                                100_900_000_000L,
                                101_000_000_005L,
                                102_100_000_000L,
                                used(1)));
        assertThat(report.wallTime()).isEqualTo(Duration.ofMillis(1200));
    }

    /// struct rusage: ru_utime, ru_stime, ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt,
    /// ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw,
    /// ru_nivcsw. Each field that counts is the next number; the others are -1.
    private static void putRusage(ByteBuffer message, long first) {
        int end = message.position() + RUSAGE;
        message.putLong(first).putLong(first + 1).putLong(first + 2).putLong(first + 3);
        message.putLong(first + 4).putLong(-1).putLong(-1).putLong(-1);
        message.putLong(first + 5).putLong(first + 6);
        for (int i = 0; i < 6; i++) {
            message.putLong(-1);
        }
        message.putLong(first + 7).putLong(first + 8);
        assertThat(message.position()).isEqualTo(end);
    }

    private static Used used(long first) {
        return new Used(
                Duration.ofSeconds(first, (first + 1) * 1000),
                Duration.ofSeconds(first + 2, (first + 3) * 1000),
                (first + 4) * 1024,
                first + 5,
                first + 6,
                first + 7,
                first + 8);
    }

    @Test
    void processorTimeIsThatInProgramsAndInTheKernel() {
        assertThat(used(1).cpuTime()).isEqualTo(Duration.ofSeconds(4, 6_000));
        assertThat(Used.NOTHING.cpuTime()).isZero();
    }

    @Test
    void thePartsOfASetUpFollowEachOtherWithoutAGap() {
        EndReport report = new EndReport(0, 1_300, 1_700, 2_600, 9_000, Used.NOTHING);
        SetUpTimes setUp = report.setUp(1_000, 1_100);
        assertThat(setUp)
                .isEqualTo(
                        new SetUpTimes(
                                Duration.ofNanos(100),
                                Duration.ofNanos(200),
                                Duration.ofNanos(400),
                                Duration.ofNanos(900)));
        assertThat(setUp.total()).isEqualTo(Duration.ofNanos(report.executedAt() - 1_000));
    }

    @Test
    void aPartIsNeverNegative() {
        EndReport report = new EndReport(0, 900, 800, 700, 600, Used.NOTHING);
        assertThat(report.setUp(1_100, 1_000))
                .isEqualTo(
                        new SetUpTimes(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));
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
    @ValueSource(ints = {0, 16, 48, 192, SIZE - 1})
    void aMessageThatIsTooShortIsRefused(int size) {
        assertThatThrownBy(() -> EndReport.read(new byte[size]))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static EndReport of(int status) {
        return new EndReport(status, 0, 0, 0, 0, Used.NOTHING);
    }
}
