package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.IoUsage;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Pressure;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SetUpTimes;
import io.cloister.sandbox.Throttling;
import io.cloister.sandbox.linux.limit.CgroupReading;
import io.cloister.sandbox.linux.limit.Metric;
import io.cloister.sandbox.linux.plan.EndReport.Used;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class UsagesTest {

    private static final Duration WALL = Duration.ofSeconds(5);
    private static final Used USED = used(3_000, 1_000);

    private static Used used(long userMillis, long systemMillis) {
        return new Used(
                Duration.ofMillis(userMillis), Duration.ofMillis(systemMillis), 4, 5, 6, 7, 8);
    }

    private static EndedRun run() {
        return new EndedRun().exit(0).took(WALL, USED);
    }

    private static ResourceUsage usage(EndedRun run) {
        return run.ending().usage();
    }

    private static long nanos(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    @Test
    void withoutAGroupTheUsageIsThatOfTheReport() {
        assertThat(usage(run()))
                .isEqualTo(
                        ResourceUsage.builder(WALL)
                                .userTime(Duration.ofMillis(3_000))
                                .systemTime(Duration.ofMillis(1_000))
                                .memory(MemoryUsage.ofPeak(Bytes.of(4)))
                                .minorFaults(5)
                                .majorFaults(6)
                                .voluntarySwitches(7)
                                .involuntarySwitches(8)
                                .setUp(
                                        new SetUpTimes(
                                                Duration.ofNanos(50),
                                                Duration.ofNanos(50),
                                                Duration.ofNanos(1_000),
                                                Duration.ofNanos(1_000)))
                                .build());
    }

    @Test
    void withoutAReportAndAGroupTheUsageIsTheTimeThatPassed() {
        assertThat(usage(new EndedRun()))
                .isEqualTo(ResourceUsage.builder(EndedRun.ELAPSED).build());
    }

    @Test
    void aGroupThatTellsNothingChangesNothing() {
        assertThat(usage(run().group())).isEqualTo(usage(run()));
        assertThat(usage(new EndedRun().group())).isEqualTo(usage(new EndedRun()));
    }

    @Test
    void theTimeOfTheGroupIsWithoutWhatIsNotTheProgramsWhichIsSystemTime() {
        EndedRun run =
                run().counted(Metric.CPU_NANOS, nanos(10_000))
                        .counted(Metric.CPU_USER_NANOS, nanos(6_000));
        assertThat(usage(run).cpuTime()).contains(Duration.ofMillis(10_000));
        assertThat(usage(run).systemTime()).contains(Duration.ofMillis(4_000));

        run.foreign(Duration.ofMillis(300));
        assertThat(usage(run).cpuTime()).contains(Duration.ofMillis(9_700));
        assertThat(usage(run).userTime()).contains(Duration.ofMillis(6_000));
        assertThat(usage(run).systemTime()).contains(Duration.ofMillis(3_700));
    }

    @ParameterizedTest
    @CsvSource({
        // total and user time of the group in ms, whereof 500 are not the program's
        "10000, 9900, 9500, 9500, 0",
        "10000, 100, 9500, 100, 9400",
        "500, 100, 0, 0, 0",
        "400, 90, 0, 0, 0",
        "501, 400, 1, 1, 0"
    })
    void bothTimesTogetherAreTheWholeAndNoneIsNegative(
            long total, long user, long cpu, long inPrograms, long inKernel) {
        ResourceUsage usage =
                usage(
                        run().foreign(Duration.ofMillis(500))
                                .counted(Metric.CPU_NANOS, nanos(total))
                                .counted(Metric.CPU_USER_NANOS, nanos(user)));
        assertThat(usage.cpuTime()).contains(Duration.ofMillis(cpu));
        assertThat(usage.userTime()).contains(Duration.ofMillis(inPrograms));
        assertThat(usage.systemTime()).contains(Duration.ofMillis(inKernel));
    }

    @Test
    void aGroupThatTellsOnlyTheSumLeavesThePartsUnknown() {
        ResourceUsage usage = usage(run().counted(Metric.CPU_NANOS, nanos(10_000)));
        assertThat(usage.cpuTime()).contains(Duration.ofMillis(10_000));
        assertThat(usage.userTime()).isEmpty();
        assertThat(usage.systemTime()).isEmpty();
    }

    @Test
    void withoutAReportTheGroupTellsTheTime() {
        EndedRun run =
                new EndedRun()
                        .counted(Metric.CPU_NANOS, nanos(700))
                        .counted(Metric.CPU_USER_NANOS, nanos(200))
                        .foreign(Duration.ofMillis(100));
        assertThat(usage(run).cpuTime()).contains(Duration.ofMillis(600));
        assertThat(usage(run).userTime()).contains(Duration.ofMillis(200));
        assertThat(usage(run).systemTime()).contains(Duration.ofMillis(400));
        assertThat(usage(run).wallTime()).isEqualTo(EndedRun.ELAPSED);
        assertThat(usage(run).setUp()).isEmpty();
    }

    @Test
    void theMemoryOfTheGroupIsThatOfAllProcesses() {
        EndedRun run =
                run().counted(Metric.MEMORY_PEAK, 70)
                        .counted(Metric.MEMORY_CURRENT, 60)
                        .counted(Metric.MEMORY_ANONYMOUS, 50)
                        .counted(Metric.MEMORY_FILE, 40)
                        .counted(Metric.MEMORY_KERNEL, 30)
                        .counted(Metric.MEMORY_SHARED, 20)
                        .counted(Metric.MEMORY_SWAP, 10);
        assertThat(usage(run).memory())
                .isEqualTo(
                        new MemoryUsage(
                                bytes(70), bytes(60), bytes(50), bytes(40), bytes(30), bytes(20),
                                bytes(10)));
    }

    private static Optional<Bytes> bytes(long value) {
        return Optional.of(Bytes.of(value));
    }

    @Test
    void whatIsNotCountedOfMemoryIsNotInvented() {
        MemoryUsage memory = usage(run().counted(Metric.MEMORY_CURRENT, 60)).memory();
        assertThat(memory.current()).isEqualTo(bytes(60));
        assertThat(memory.anonymous()).isEmpty();
        assertThat(memory.kernel()).isEmpty();
        assertThat(memory.swap()).isEmpty();
        assertThat(usage(new EndedRun().counted(Metric.MEMORY_PEAK, 70)).memory())
                .isEqualTo(MemoryUsage.ofPeak(Bytes.of(70)));
    }

    @Test
    void aFaultWithoutIoIsOneThatIsNotMajor() {
        EndedRun run = run().counted(Metric.PAGE_FAULTS, 100).counted(Metric.MAJOR_PAGE_FAULTS, 30);
        assertThat(usage(run).minorFaults()).contains(70L);
        assertThat(usage(run).majorFaults()).contains(30L);
        assertThat(usage(run.counted(Metric.PAGE_FAULTS, 20)).minorFaults()).contains(0L);
    }

    @Test
    void theFirstProcessIsNotAmongTheProcesses() {
        EndedRun run = run().counted(Metric.PIDS_PEAK, 5).counted(Metric.PIDS_CURRENT, 1);
        assertThat(usage(run).processesPeak()).contains(4L);
        assertThat(usage(run).processes()).contains(0L);
        assertThat(usage(run().counted(Metric.PIDS_CURRENT, 0)).processes()).contains(0L);
        assertThat(usage(run().counted(Metric.PIDS_CURRENT, 3)).processesPeak()).isEmpty();
    }

    @Test
    void inputAndOutputAndThrottlingAreTakenAsTheyAre() {
        EndedRun run =
                run().counted(Metric.IO_READ_BYTES, 1)
                        .counted(Metric.IO_WRITTEN_BYTES, 2)
                        .counted(Metric.IO_READ_OPERATIONS, 3)
                        .counted(Metric.IO_WRITE_OPERATIONS, 4)
                        .counted(Metric.CPU_PERIODS, 5)
                        .counted(Metric.CPU_THROTTLED_PERIODS, 6)
                        .counted(Metric.CPU_THROTTLED_NANOS, 7);
        assertThat(usage(run).io()).contains(new IoUsage(Bytes.of(1), Bytes.of(2), 3, 4));
        assertThat(usage(run).throttling()).contains(new Throttling(5, 6, Duration.ofNanos(7)));
    }

    @Test
    void pressureIsToldWhereAllThreeAreKnown() {
        EndedRun run = run();
        List<Metric> metrics =
                List.of(
                        Metric.PRESSURE_CPU_SOME_NANOS,
                        Metric.PRESSURE_MEMORY_SOME_NANOS,
                        Metric.PRESSURE_IO_SOME_NANOS);
        for (int i = 0; i < metrics.size(); i++) {
            assertThat(usage(run).pressure()).isEmpty();
            run.counted(metrics.get(i), i + 1);
        }
        assertThat(usage(run).pressure())
                .contains(new Pressure(stall(1, 0), stall(2, 0), stall(3, 0)));
        run.counted(Metric.PRESSURE_CPU_FULL_NANOS, 4)
                .counted(Metric.PRESSURE_MEMORY_FULL_NANOS, 5)
                .counted(Metric.PRESSURE_IO_FULL_NANOS, 6);
        assertThat(usage(run).pressure())
                .contains(new Pressure(stall(1, 4), stall(2, 5), stall(3, 6)));
    }

    private static Pressure.Stall stall(long some, long full) {
        return new Pressure.Stall(Duration.ofNanos(some), Duration.ofNanos(full));
    }

    @ParameterizedTest
    @EnumSource
    void noReadingOfAnyMetricAloneFailsOrTellsWhatItDoesNotKnow(Metric metric) {
        ResourceUsage alone = usage(new EndedRun().counted(metric, 1));
        long known =
                Arrays.stream(
                                new Optional<?>[] {
                                    alone.io(),
                                    alone.throttling(),
                                    alone.pressure(),
                                    alone.processes(),
                                    alone.processesPeak(),
                                    alone.minorFaults(),
                                    alone.majorFaults(),
                                    alone.cpuTime()
                                })
                        .filter(Optional::isPresent)
                        .count();
        assertThat(known).isLessThanOrEqualTo(1);
    }

    @Test
    void theUsageSoFarIsThatOfTheGroupWithoutTheSetUp() {
        Map<Metric, Long> values = new EnumMap<>(Metric.class);
        values.put(Metric.CPU_NANOS, nanos(900));
        values.put(Metric.CPU_USER_NANOS, nanos(300));
        values.put(Metric.MEMORY_CURRENT, 60L);
        values.put(Metric.PIDS_CURRENT, 3L);
        ResourceUsage usage = Usages.live(WALL, new CgroupReading(values), nanos(200)).build();
        assertThat(usage.wallTime()).isEqualTo(WALL);
        assertThat(usage.cpuTime()).contains(Duration.ofMillis(700));
        assertThat(usage.userTime()).contains(Duration.ofMillis(300));
        assertThat(usage.systemTime()).contains(Duration.ofMillis(400));
        assertThat(usage.memory().current()).isEqualTo(bytes(60));
        assertThat(usage.processes()).contains(2L);
        assertThat(usage.minorFaults()).isEmpty();
        assertThat(usage.setUp()).isEmpty();
    }

    @Test
    void theUsageSoFarOfAGroupThatTellsNothingIsTheTime() {
        assertThat(Usages.live(WALL, CgroupReading.NONE, 99).build())
                .isEqualTo(ResourceUsage.builder(WALL).build());
    }

    @Test
    void theUsageSoFarIsNeverNegative() {
        CgroupReading reading = new CgroupReading(Map.of(Metric.CPU_NANOS, 5L));
        assertThat(Usages.live(WALL, reading, 9).build().cpuTime()).contains(Duration.ZERO);
    }
}
