package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class EndingTest {

    private static final int SIGSEGV = 11;
    private static final int SIGKILL = 9;
    private static final int SIGXCPU = 24;
    private static final int SIGXFSZ = 25;
    private static final int SIGSYS = 31;
    private static final Duration ELAPSED = Duration.ofSeconds(77);

    private static final Outcome WALL = new Outcome.LimitReached(Limit.WALL_TIME);
    private static final Outcome OUTPUT = new Outcome.LimitReached(Limit.OUTPUT);
    private static final Outcome CPU = new Outcome.LimitReached(Limit.CPU_TIME);
    private static final Outcome DISK = new Outcome.LimitReached(Limit.DISK);
    private static final Outcome CANCELLED = new Outcome.Cancelled(Duration.ofSeconds(1));

    @Test
    void withoutAReportTheKillRecordIsAllThatIsKnown() {
        for (Outcome killed : List.of(WALL, OUTPUT, CANCELLED)) {
            assertThat(new Ending(none(), Optional.of(killed), none(), false, ELAPSED).outcome())
                    .contains(killed);
        }
        assertThat(new Ending(none(), none(), none(), false, ELAPSED).outcome()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 255})
    void anExitIsAnExit(int code) {
        assertThat(ending(exit(code)).outcome()).contains(new Outcome.Exited(code));
    }

    @Test
    void aKillRecordCountsOnlyIfTheCommandDiedOfIt() {
        for (Outcome killed : List.of(WALL, CANCELLED)) {
            assertThat(killed(signal(SIGKILL), killed)).contains(killed);
            assertThat(killed(exit(0), killed)).contains(new Outcome.Exited(0));
            assertThat(killed(signal(SIGSEGV), killed)).contains(signalled(SIGSEGV));
        }
    }

    @Test
    void outputThatWasCutOffIsToldHoweverTheCommandEnded() {
        assertThat(killed(exit(0), OUTPUT)).contains(OUTPUT);
        assertThat(killed(exit(3), OUTPUT)).contains(OUTPUT);
        assertThat(killed(signal(13), OUTPUT)).contains(OUTPUT);
        assertThat(killed(signal(SIGKILL), OUTPUT)).contains(OUTPUT);
    }

    private static Optional<Outcome> killed(EndReport report, Outcome killed) {
        return new Ending(Optional.of(report), Optional.of(killed), none(), false, ELAPSED)
                .outcome();
    }

    @ParameterizedTest
    @CsvSource({
        // limit, time used, signal, whether the limit was reached
        "10000, 10000, 24, true",
        "10000, 10000, 9, true",
        "10000, 9500, 24, true",
        "10000, 5000, 24, true",
        "10000, 4999, 24, false",
        "10000, 9499, 9, false",
        "10000, 20000, 24, true",
        "10000, 10000, 11, false",
        "10000, 10000, 15, false",
        "1000, 500, 24, true",
        "1000, 499, 24, false",
        "10000, 0, 24, false",
        "10000, 0, 9, false"
    })
    void theCpuTimeLimitWasReachedIfSignalAndTimeSayIt(
            long limit, long used, int signal, boolean reached) {
        EndReport report = report(signal, Duration.ofMillis(used));
        Optional<Outcome> outcome =
                new Ending(
                                Optional.of(report),
                                none(),
                                Optional.of(Duration.ofMillis(limit)),
                                false,
                                ELAPSED)
                        .outcome();
        assertThat(outcome).contains(reached ? CPU : signalled(signal));
    }

    @Test
    void anExitAfterTheCpuTimeLimitIsAnExit() {
        EndReport report = report(4 << 8, Duration.ofSeconds(100));
        assertThat(
                        new Ending(
                                        Optional.of(report),
                                        none(),
                                        Optional.of(Duration.ofSeconds(1)),
                                        false,
                                        ELAPSED)
                                .outcome())
                .contains(new Outcome.Exited(4));
    }

    @Test
    void withoutALimitOnCpuTimeItsSignalIsASignal() {
        assertThat(ending(report(SIGXCPU, Duration.ofHours(1))).outcome())
                .contains(signalled(SIGXCPU));
    }

    @Test
    void theSignalForTooLargeAFileIsALimitOnlyWhereThereIsOne() {
        assertThat(ending(signal(SIGXFSZ)).outcome()).contains(signalled(SIGXFSZ));
        assertThat(
                        new Ending(Optional.of(signal(SIGXFSZ)), none(), none(), true, ELAPSED)
                                .outcome())
                .contains(DISK);
        assertThat(new Ending(Optional.of(exit(1)), none(), none(), true, ELAPSED).outcome())
                .contains(new Outcome.Exited(1));
    }

    @Test
    void theSignalOfTheSystemCallFilterIsAViolation() {
        assertThat(ending(signal(SIGSYS)).outcome())
                .hasValueSatisfying(o -> assertThat(o).isInstanceOf(Outcome.PolicyViolated.class));
        assertThat(ending(signal(SIGSYS | 0x80)).outcome())
                .hasValueSatisfying(o -> assertThat(o).isInstanceOf(Outcome.PolicyViolated.class));
    }

    @Test
    void everyOtherSignalIsItself() {
        for (int signal = 1; signal <= 64; signal++) {
            if (signal != SIGSYS) {
                assertThat(ending(signal(signal)).outcome()).contains(signalled(signal));
            }
        }
    }

    @Test
    void theExitValueIsWhatAShellGives() {
        assertThat(ending(exit(0)).exitValue()).isZero();
        assertThat(ending(exit(200)).exitValue()).isEqualTo(200);
        assertThat(ending(signal(SIGXCPU)).exitValue()).isEqualTo(152);
        assertThat(ending(signal(SIGSEGV | 0x80)).exitValue()).isEqualTo(139);
        assertThat(new Ending(none(), none(), none(), false, ELAPSED).exitValue()).isEqualTo(137);
    }

    @Test
    void theExitValueIsThatOfTheCommandEvenIfItsOutputWasCutOff() {
        assertThat(
                        new Ending(
                                        Optional.of(exit(0)),
                                        Optional.of(OUTPUT),
                                        none(),
                                        false,
                                        ELAPSED)
                                .exitValue())
                .isZero();
    }

    @Test
    void theUsageIsThatOfTheReport() {
        EndReport report =
                new EndReport(
                        0,
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(3),
                        4,
                        5,
                        6,
                        7,
                        8);
        assertThat(ending(report).usage())
                .isEqualTo(
                        new ResourceUsage(
                                Duration.ofMillis(1),
                                Duration.ofMillis(2),
                                Duration.ofMillis(3),
                                Optional.of(Bytes.of(4)),
                                5,
                                6,
                                7,
                                8));
    }

    @Test
    void withoutAReportTheUsageIsTheTimeThatPassed() {
        ResourceUsage usage = new Ending(none(), none(), none(), false, ELAPSED).usage();
        assertThat(usage)
                .isEqualTo(
                        new ResourceUsage(
                                ELAPSED,
                                Duration.ZERO,
                                Duration.ZERO,
                                Optional.empty(),
                                0,
                                0,
                                0,
                                0));
    }

    private static <T> Optional<T> none() {
        return Optional.empty();
    }

    private static Ending ending(EndReport report) {
        return new Ending(Optional.of(report), none(), none(), false, ELAPSED);
    }

    private static Outcome signalled(int signal) {
        return new Outcome.Signalled(new Signal(signal));
    }

    private static EndReport exit(int code) {
        return report(code << 8, Duration.ZERO);
    }

    private static EndReport signal(int signal) {
        return report(signal, Duration.ZERO);
    }

    /// Half of the time was the user's, half the system's.
    private static EndReport report(int status, Duration used) {
        Duration half = used.dividedBy(2);
        return new EndReport(status, used, half, used.minus(half), 0, 0, 0, 0, 0);
    }
}
