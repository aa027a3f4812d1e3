package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.linux.limit.Metric;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;

class EndingEvidenceTest {

    private static final int SIGKILL = 9;
    private static final int SIGXCPU = 24;
    private static final String NO_REPORT =
            "wait status: none: the first process of the sandbox was killed";

    private static EndedRun run() {
        return new EndedRun();
    }

    private static List<String> evidence(EndedRun run) {
        return run.ending().evidence().stream().map(Evidence::toString).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "0, exit code 0",
        "35072, exit code 137",
        "9, KILL",
        "139, SEGV",
        "24, XCPU",
        "34, RTMIN"
    })
    void theWaitStatusIsAlwaysThere(int status, String text) {
        assertThat(evidence(run().signal(status))).singleElement().asString().contains(text);
        assertThat(evidence(run().signal(status)).getFirst()).startsWith("wait status: ");
    }

    @Test
    void thatThereIsNoneIsSaid() {
        assertThat(evidence(run())).containsExactly(NO_REPORT);
    }

    @Test
    void aKillRecordStandsFirstAndIsToldThoughTheCommandHadExited() {
        Outcome reason = new Outcome.LimitReached(Limit.PIDS);
        EndedRun run = run().exit(0).killed(reason, "killed for PIDS: 9 of 8");
        assertThat(evidence(run))
                .containsExactly(
                        "kill record: killed for PIDS: 9 of 8", "wait status: exit code 0");
        assertThat(evidence(run().killed(reason, "why")))
                .containsExactly("kill record: why", NO_REPORT);
    }

    @Test
    void whatTheKernelCountedIsToldByTheNameOfTheFile() {
        assertThat(evidence(run().exit(1).oomKills(3).oomGroupKills(1)))
                .containsExactly(
                        "memory.events: oom_kill 3, oom_group_kill 1", "wait status: exit code 1");
        assertThat(evidence(run().exit(1).oomKills(2).memoryFile("memory.oom_control")))
                .containsExactly("memory.oom_control: oom_kill 2", "wait status: exit code 1");
        assertThat(evidence(run().exit(1).pidsMaxHits(4)))
                .containsExactly("pids.events: max 4", "wait status: exit code 1");
        assertThat(evidence(run().oomKills(1)))
                .containsExactly("memory.events: oom_kill 1", NO_REPORT);
    }

    @Test
    void whatTheKernelDidNotCountIsNotTold() {
        assertThat(evidence(run().exit(1).oomKills(0).oomGroupKills(0).pidsMaxHits(0)))
                .containsExactly("wait status: exit code 1");
    }

    @Test
    void eachFullFileSystemIsToldThoughTheCommandSucceeded() {
        assertThat(evidence(run().exit(0).full("/tmp", "/w")))
                .containsExactly(
                        "file system at /tmp: full",
                        "file system at /w: full",
                        "wait status: exit code 0");
    }

    @Test
    void processorTimeIsToldFromTheLimitOn() {
        Duration limit = Duration.ofSeconds(2);
        EndedRun run = run().exit(0).cpuLimit(limit);
        assertThat(evidence(run.used(Duration.ofMillis(1_999))))
                .containsExactly("wait status: exit code 0");
        assertThat(evidence(run.used(limit)))
                .containsExactly("processor time: 2s of 2s", "wait status: exit code 0");
        assertThat(evidence(run.used(Duration.ofNanos(2_004_567_891L))))
                .containsExactly("processor time: 2.004s of 2s", "wait status: exit code 0");
        assertThat(evidence(run().exit(0).used(limit))).containsExactly("wait status: exit code 0");
    }

    @Test
    void aShortTimeIsToldToTheMicrosecond() {
        EndedRun run = run().exit(0).cpuLimit(Duration.ofMillis(1));
        assertThat(evidence(run.used(Duration.ofNanos(1_234_567))))
                .contains("processor time: 1.234ms of 1ms");
    }

    @Test
    void processorTimeOfTheGroupIsToldWithoutAReport() {
        EndedRun run =
                run().cpuLimit(Duration.ofSeconds(2)).counted(Metric.CPU_NANOS, 3_000_000_000L);
        assertThat(evidence(run)).containsExactly("processor time: 3s of 2s", NO_REPORT);
    }

    @Test
    void wallTimeIsToldBeyondTheLimitAndOnlyWhereTheReportTellsIt() {
        Duration limit = Duration.ofSeconds(2);
        EndedRun run = run().exit(0).wallLimit(limit);
        assertThat(evidence(run.took(limit))).containsExactly("wait status: exit code 0");
        assertThat(evidence(run.took(Duration.ofMillis(2_500))))
                .containsExactly("wall time: 2.5s of 2s", "wait status: exit code 0");
        assertThat(evidence(run().wallLimit(limit))).containsExactly(NO_REPORT);
    }

    @Test
    void everyLimitThatWasReachedHasItsEvidence() {
        Duration second = Duration.ofSeconds(1);
        EndedRun of9 = run().exit(1).used(second.multipliedBy(9)).cpuLimit(second);
        assertProven(of9, Limit.CPU_TIME, "processor time: 9s of 1s");
        assertProven(run().exit(0).oomKills(1), Limit.MEMORY, "memory.events: oom_kill 1");
        assertProven(run().exit(0).pidsMaxHits(1), Limit.PIDS, "pids.events: max 1");
        assertProven(run().exit(1).full("/tmp"), Limit.DISK, "file system at /tmp: full");
        assertProven(
                run().exit(1).took(second.multipliedBy(3)).wallLimit(second),
                Limit.WALL_TIME,
                "wall time: 3s of 1s");
        Outcome idle = new Outcome.LimitReached(Limit.IDLE);
        assertProven(run().signal(SIGKILL).killed(idle, "x"), Limit.IDLE, "kill record: x");
        Outcome output = new Outcome.LimitReached(Limit.OUTPUT);
        assertProven(run().exit(0).killed(output, "y"), Limit.OUTPUT, "kill record: y");
    }

    private static void assertProven(EndedRun run, Limit limit, String evidence) {
        assertThat(run.ending().outcome()).contains(new Outcome.LimitReached(limit));
        assertThat(evidence(run)).contains(evidence);
    }

    @Test
    void theBackstopForProcessorTimeIsProvenByItsSignal() {
        EndedRun run =
                run().signal(SIGXCPU).used(Duration.ofMillis(600)).cpuLimit(Duration.ofSeconds(1));
        assertProven(run, Limit.CPU_TIME, "wait status: SIGXCPU");
    }
}
