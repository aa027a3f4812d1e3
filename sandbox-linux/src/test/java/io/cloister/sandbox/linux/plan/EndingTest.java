package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.linux.limit.Metric;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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

    private static final Outcome WALL = new Outcome.LimitReached(Limit.WALL_TIME);
    private static final Outcome OUTPUT = new Outcome.LimitReached(Limit.OUTPUT);
    private static final Outcome CPU = new Outcome.LimitReached(Limit.CPU_TIME);
    private static final Outcome DISK = new Outcome.LimitReached(Limit.DISK);
    private static final Outcome MEMORY = new Outcome.LimitReached(Limit.MEMORY);
    private static final Outcome PIDS = new Outcome.LimitReached(Limit.PIDS);
    private static final Outcome CANCELLED = new Outcome.Cancelled(Duration.ofSeconds(1));

    private static EndedRun run() {
        return new EndedRun();
    }

    private static Optional<Outcome> outcome(EndedRun run) {
        return run.ending().outcome();
    }

    private static Outcome signalled(int signal) {
        return new Outcome.Signalled(new Signal(signal));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 137, 255})
    void anExitIsAnExit(int code) {
        assertThat(outcome(run().exit(code))).contains(new Outcome.Exited(code));
    }

    @Test
    void whatAShellCallsASignalIsAnExitUnlessTheCommandDiedOfTheSignal() {
        assertThat(outcome(run().exit(137))).contains(new Outcome.Exited(137));
        assertThat(outcome(run().signal(SIGKILL))).contains(signalled(SIGKILL));
        assertThat(outcome(run().signal(SIGKILL).group())).contains(signalled(SIGKILL));
        assertThat(outcome(run().signal(SIGKILL).oomKills(0))).contains(signalled(SIGKILL));
        assertThat(outcome(run().signal(SIGKILL).oomKills(1))).contains(MEMORY);
    }

    @Test
    void everyOtherSignalIsItself() {
        for (int signal = 1; signal <= 64; signal++) {
            if (signal != SIGSYS) {
                assertThat(outcome(run().signal(signal))).contains(signalled(signal));
            }
        }
    }

    @Test
    void theSignalOfTheSystemCallFilterIsAViolation() {
        for (int status : new int[] {SIGSYS, SIGSYS | 0x80}) {
            assertThat(outcome(run().signal(status)))
                    .hasValueSatisfying(
                            o -> assertThat(o).isInstanceOf(Outcome.PolicyViolated.class));
        }
    }

    @Test
    void withoutAReportTheKillRecordIsAllThatIsKnown() {
        for (Outcome killed : List.of(WALL, OUTPUT, CANCELLED, MEMORY)) {
            assertThat(outcome(run().killed(killed, "x"))).contains(killed);
        }
        assertThat(outcome(run())).isEmpty();
        assertThat(outcome(run().group().oomKills(0).pidsMaxHits(0))).isEmpty();
    }

    @Test
    void withoutAReportAndAKillRecordTheKernelMayHaveKilledForMemory() {
        assertThat(outcome(run().oomKills(2))).contains(MEMORY);
        assertThat(outcome(run().oomGroupKills(1))).contains(MEMORY);
        assertThat(outcome(run().oomKills(2).killed(CANCELLED, "x"))).contains(CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(names = "OUTPUT", mode = EnumSource.Mode.EXCLUDE)
    void aKillRecordCountsOnlyIfTheCommandDiedOfIt(Limit limit) {
        Outcome killed = new Outcome.LimitReached(limit);
        assertThat(outcome(run().signal(SIGKILL).killed(killed, "x"))).contains(killed);
        assertThat(outcome(run().exit(0).killed(killed, "x"))).contains(new Outcome.Exited(0));
        assertThat(outcome(run().exit(137).killed(killed, "x"))).contains(new Outcome.Exited(137));
        assertThat(outcome(run().signal(SIGSEGV).killed(killed, "x"))).contains(signalled(SIGSEGV));
    }

    @Test
    void aRunThatExitedJustBeforeItWasCancelledHasExited() {
        assertThat(outcome(run().signal(SIGKILL).killed(CANCELLED, "x"))).contains(CANCELLED);
        assertThat(outcome(run().exit(3).killed(CANCELLED, "x"))).contains(new Outcome.Exited(3));
    }

    @Test
    void theKillRecordGoesBeforeWhatElseIsProven() {
        EndedRun run = run().signal(SIGKILL).oomKills(1).pidsMaxHits(1).full("/tmp");
        assertThat(outcome(run.killed(WALL, "x"))).contains(WALL);
        assertThat(run.ending().killed(Optional.empty()).outcome()).contains(MEMORY);
    }

    @Test
    void outputThatWasCutOffIsToldHoweverTheCommandEnded() {
        for (EndedRun run :
                List.of(
                        run().exit(0),
                        run().exit(3),
                        run().signal(13),
                        run().signal(SIGKILL),
                        run().exit(1).oomKills(1))) {
            assertThat(outcome(run.killed(OUTPUT, "x"))).contains(OUTPUT);
        }
    }

    @Test
    void anOomKillOfAnyProcessIsTheOutcomeHoweverTheCommandTookIt() {
        for (EndedRun run :
                List.of(run().exit(0), run().exit(1), run().signal(6), run().signal(SIGKILL))) {
            assertThat(outcome(run.oomKills(1))).contains(MEMORY);
        }
        assertThat(outcome(run().exit(0).oomGroupKills(1))).contains(MEMORY);
        assertThat(outcome(run().exit(0).oomKills(0).oomGroupKills(0)))
                .contains(new Outcome.Exited(0));
    }

    @Test
    void aForkThatFailedIsTheOutcomeHoweverTheCommandTookIt() {
        assertThat(outcome(run().exit(0).pidsMaxHits(1))).contains(PIDS);
        assertThat(outcome(run().exit(254).pidsMaxHits(9))).contains(PIDS);
        assertThat(outcome(run().signal(6).pidsMaxHits(1))).contains(PIDS);
        assertThat(outcome(run().exit(254).pidsMaxHits(0))).contains(new Outcome.Exited(254));
        assertThat(outcome(run().exit(1).pidsMaxHits(1).oomKills(1))).contains(MEMORY);
    }

    @Test
    void aFullFileSystemIsTheOutcomeIfTheCommandFailed() {
        assertThat(outcome(run().exit(1).full("/tmp"))).contains(DISK);
        assertThat(outcome(run().signal(6).full("/tmp"))).contains(DISK);
        assertThat(outcome(run().exit(0).full("/tmp"))).contains(new Outcome.Exited(0));
        assertThat(outcome(run().exit(1).full())).contains(new Outcome.Exited(1));
        assertThat(outcome(run().full("/tmp"))).isEmpty();
    }

    @Test
    void theSignalForTooLargeAFileIsALimitOnlyWhereThereIsOne() {
        assertThat(outcome(run().signal(SIGXFSZ))).contains(signalled(SIGXFSZ));
        assertThat(outcome(run().signal(SIGXFSZ).fileSizeLimit())).contains(DISK);
        assertThat(outcome(run().exit(1).fileSizeLimit())).contains(new Outcome.Exited(1));
        assertThat(outcome(run().exit(153).fileSizeLimit())).contains(new Outcome.Exited(153));
    }

    @ParameterizedTest
    @CsvSource({
        // limit and time used, in ms; wait status; whether the limit was reached
        "10000, 10000, 24, true",
        "10000, 10000, 9, true",
        "10000, 10000, 11, true",
        "10000, 10000, 0, true",
        "10000, 12000, 256, true",
        "10000, 9500, 24, true",
        "10000, 5000, 24, true",
        "10000, 4999, 24, false",
        "10000, 9999, 9, false",
        "10000, 9999, 11, false",
        "10000, 9999, 0, false",
        "1000, 500, 24, true",
        "1000, 499, 24, false",
        "10000, 0, 24, false",
        "10000, 0, 9, false"
    })
    void processorTimeIsUsedUpIfTheTimeSaysItOrTheSignalAndHalfOfTheTime(
            long limit, long used, int status, boolean reached) {
        EndedRun run =
                run().signal(status)
                        .used(Duration.ofMillis(used))
                        .cpuLimit(Duration.ofMillis(limit));
        if (reached) {
            assertThat(outcome(run)).contains(CPU);
        } else {
            assertThat(outcome(run))
                    .contains(status == 0 ? new Outcome.Exited(0) : signalled(status));
        }
    }

    @Test
    void withoutALimitOnProcessorTimeItsSignalIsASignal() {
        assertThat(outcome(run().signal(SIGXCPU).used(Duration.ofHours(1))))
                .contains(signalled(SIGXCPU));
    }

    @Test
    void theProcessorTimeIsThatOfTheGroupWhereThereIsOne() {
        EndedRun run = run().exit(0).used(Duration.ofSeconds(1)).cpuLimit(Duration.ofSeconds(2));
        assertThat(outcome(run)).contains(new Outcome.Exited(0));
        run.counted(Metric.CPU_NANOS, 2_500_000_000L);
        assertThat(outcome(run)).contains(CPU);
        run.foreign(Duration.ofMillis(501));
        assertThat(outcome(run)).contains(new Outcome.Exited(0));
    }

    @Test
    void wallTimeBeyondTheLimitIsTheOutcomeThoughTheCommandExited() {
        Duration limit = Duration.ofSeconds(2);
        EndedRun within = run().exit(0).took(limit).wallLimit(limit);
        assertThat(outcome(within)).contains(new Outcome.Exited(0));
        for (EndedRun run : List.of(run().exit(0), run().exit(7), run().signal(SIGSEGV))) {
            assertThat(outcome(run.took(limit.plusNanos(1)).wallLimit(limit))).contains(WALL);
        }
        assertThat(outcome(run().exit(0).took(Duration.ofDays(9)))).contains(new Outcome.Exited(0));
    }

    @Test
    void theTimeOfAPauseIsNotWallTime() {
        EndedRun run = run().exit(0).took(Duration.ofSeconds(9)).wallLimit(Duration.ofSeconds(2));
        assertThat(outcome(run.paused(Duration.ofSeconds(7)))).contains(new Outcome.Exited(0));
        assertThat(run.ending().evidence())
                .extracting(Object::toString)
                .containsExactly("wait status: exit code 0");
        assertThat(outcome(run.paused(Duration.ofMillis(6_999)))).contains(WALL);
        assertThat(run.ending().evidence())
                .extracting(Object::toString)
                .containsExactly("wall time: 2.001s of 2s", "wait status: exit code 0");
    }

    @Test
    void whatTheHostRanOutOfIsNoLimitOfTheRun() {
        assertThat(outcome(run().exit(1).oomKills(1).counted(Metric.MEMORY_MAX_HITS, 3)))
                .contains(MEMORY);
        EndedRun elsewhere = run().exit(1).oomKills(1).counted(Metric.MEMORY_MAX_HITS, 0);
        assertThat(outcome(elsewhere)).contains(new Outcome.Exited(1));
        assertThat(elsewhere.ending().evidence().getFirst().observed())
                .endsWith("not for its own limit");
        assertThat(outcome(run().exit(1).oomKills(1).unlimited())).contains(new Outcome.Exited(1));
    }

    @Test
    void aProcessThatAGroupAboveRefusedIsNoLimitOfTheRun() {
        assertThat(outcome(run().exit(1).pidsMaxHits(1).counted(Metric.PIDS_PEAK, 5)))
                .contains(PIDS);
        assertThat(outcome(run().exit(1).pidsMaxHits(1).counted(Metric.PIDS_PEAK, 4)))
                .contains(new Outcome.Exited(1));
        assertThat(outcome(run().exit(1).pidsMaxHits(1).unlimited()))
                .contains(new Outcome.Exited(1));
    }

    @Test
    void theLimitThatIsMorePreciselyProvenGoesFirst() {
        EndedRun run =
                run().exit(1)
                        .took(Duration.ofSeconds(9), EndedRun.usedInPrograms(Duration.ofSeconds(9)))
                        .wallLimit(Duration.ofSeconds(2));
        assertThat(outcome(run)).contains(WALL);
        assertThat(outcome(run.cpuLimit(Duration.ofSeconds(1)))).contains(CPU);
        assertThat(outcome(run.full("/tmp"))).contains(DISK);
        assertThat(outcome(run.pidsMaxHits(1))).contains(PIDS);
        assertThat(outcome(run.oomKills(1))).contains(MEMORY);
    }

    @Test
    void aKillRecordMayBeAddedLater() {
        Ending ending = run().signal(SIGKILL).ending();
        assertThat(ending.killed(Optional.of(new Kill(CANCELLED, "x"))).outcome())
                .contains(CANCELLED);
        assertThat(ending.outcome()).contains(signalled(SIGKILL));
    }

    @Test
    void theExitValueIsWhatAShellGives() {
        assertThat(run().exit(0).ending().exitValue()).isZero();
        assertThat(run().exit(200).ending().exitValue()).isEqualTo(200);
        assertThat(run().signal(SIGXCPU).ending().exitValue()).isEqualTo(152);
        assertThat(run().signal(SIGSEGV | 0x80).ending().exitValue()).isEqualTo(139);
        assertThat(run().ending().exitValue()).isEqualTo(137);
        assertThat(run().exit(0).killed(OUTPUT, "x").ending().exitValue()).isZero();
        assertThat(run().exit(0).oomKills(1).ending().exitValue()).isZero();
    }

    @Test
    void theTimeOfACancelledRunIsThatOfItsUsage() {
        Duration wall = Duration.ofSeconds(3);
        Ending reported =
                new EndedRun()
                        .signal(9)
                        .took(wall)
                        .killed(new Outcome.Cancelled(Duration.ofSeconds(4)), "x")
                        .ending();
        assertThat(reported.usage().wallTime()).isEqualTo(wall);
        assertThat(reported.timed(reported.outcome().orElseThrow()))
                .isEqualTo(new Outcome.Cancelled(wall));
        Ending lost = new EndedRun().killed(new Outcome.Cancelled(Duration.ZERO), "x").ending();
        assertThat(lost.timed(lost.outcome().orElseThrow()))
                .isEqualTo(new Outcome.Cancelled(lost.usage().wallTime()));
        assertThat(reported.timed(new Outcome.Exited(1))).isEqualTo(new Outcome.Exited(1));
    }
}
