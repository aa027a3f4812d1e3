package io.cloister.sandbox.linux.cgroup;

import static io.cloister.sandbox.linux.cgroup.TestLauncher.await;
import static io.cloister.sandbox.linux.cgroup.TestLauncher.pause;
import static io.cloister.sandbox.linux.cgroup.TestLauncher.value;
import static io.cloister.sandbox.linux.limit.Controller.*;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupReading;
import io.cloister.sandbox.linux.limit.LimitKind;
import io.cloister.sandbox.linux.limit.Metric;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/// Limits and accounts of runs, as the kernel of this host keeps them.
@Tag("kernel")
@Timeout(120)
class RunGroupTest {
    private static final long MEBIBYTE = 1L << 20;
    private static final int POLLIN = 1;
    private static final int POLLPRI = 2;
    private static final String HOG = "head -c 200000000 /dev/zero | tail";
    private static final String FORKS =
            "i=0; while [ $i -lt 30 ]; do sleep 100 & i=$((i+1)); done; wait";
    private static final String BURN = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";

    private static boolean isReady(OptionalInt fd, int events) {
        return Kernel.poll(fd.orElseThrow(), events, Duration.ZERO) > 0;
    }

    /// The counter of version 1 is no file of control groups.
    private static int memoryEvent(TestLauncher launcher) {
        return launcher.isVersion2() ? POLLPRI : POLLIN;
    }

    @Test
    void tooMuchMemoryIsKilledAndProven() {
        try (TestLauncher launcher = TestLauncher.with(MEMORY);
                RunGroup run = launcher.begin(Limits.memory(32 * MEBIBYTE, 0L))) {
            assertThat(run.unmet()).isEmpty();
            OptionalInt events = run.memoryEvents();
            int kind = memoryEvent(launcher);
            assertThat(isReady(events, kind)).isFalse();

            launcher.start(run, HOG);
            await("an event", () -> isReady(events, kind));
            await("a kill", () -> run.evidence().oomKills().orElse(0L) > 0);

            run.evidence().memoryMaxHits().ifPresent(hits -> assertThat(hits).isPositive());
            assertThat(run.evidence().memoryMaxHits().isPresent() || !launcher.isVersion2())
                    .isTrue();
            assertThat(run.evidence().memoryFile())
                    .isEqualTo(launcher.isVersion2() ? "memory.events" : "memory.oom_control");
            assertThat(value(run, Metric.OOM_KILLS)).isPositive();
            run.kill();
        }
    }

    @Test
    void littleMemoryIsNotKilled() {
        try (TestLauncher launcher = TestLauncher.with(MEMORY);
                RunGroup run = launcher.begin(Limits.memory(32 * MEBIBYTE, 0L))) {
            launcher.run(run, "head -c 4000000 /dev/zero | tail");

            assertThat(run.evidence().oomKills()).hasValue(0L);
            assertThat(value(run, Metric.MEMORY_PEAK))
                    .isBetween(4 * MEBIBYTE - 500_000, 32 * MEBIBYTE);
            assertThat(value(run, Metric.PAGE_FAULTS)).isPositive();
        }
    }

    @Test
    void tooManyProcessesAreRefusedAndProven() {
        try (TestLauncher launcher = TestLauncher.with(PIDS);
                RunGroup run = launcher.begin(Limits.pids(10))) {
            OptionalInt events = run.pidsEvents();
            assertThat(events.isPresent()).isEqualTo(launcher.isVersion2());
            if (events.isPresent()) {
                assertThat(isReady(events, POLLPRI)).isFalse();
            }

            launcher.start(run, FORKS);
            await("a refused fork", () -> events.isEmpty() || isReady(events, POLLPRI));
            await("its count", () -> run.evidence().pidsMaxHits().orElse(0L) > 0);

            assertThat(value(run, Metric.PIDS_CURRENT)).isLessThanOrEqualTo(10);
            run.kill();
            await("the end", () -> value(run, Metric.PIDS_CURRENT) == 0);
        }
    }

    @Test
    void asManyProcessesAsAllowedAreNotRefused() {
        try (TestLauncher launcher = TestLauncher.with(PIDS);
                RunGroup run = launcher.begin(Limits.pids(40))) {
            launcher.start(run, FORKS);
            await("all processes", () -> value(run, Metric.PIDS_CURRENT) == 31);

            assertThat(run.evidence().pidsMaxHits()).hasValue(0L);
            run.read().get(Metric.PIDS_PEAK).ifPresent(peak -> assertThat(peak).isEqualTo(31));
            run.kill();
            await("the end", () -> value(run, Metric.PIDS_CURRENT) == 0);
        }
    }

    @Test
    void aForkBombDiesToTheLastProcess() {
        try (TestLauncher launcher = TestLauncher.with(PIDS);
                RunGroup run = launcher.begin(Limits.pids(60))) {
            launcher.start(run, "f() { f & f & sleep 0.01; f; }; f");
            await("the limit", () -> run.evidence().pidsMaxHits().orElse(0L) > 0);

            run.kill();
            await("the end", () -> value(run, Metric.PIDS_CURRENT) == 0);
        }
    }

    @Test
    void cpuTimeOfAllProcessesIsCounted() {
        try (TestLauncher launcher = TestLauncher.with();
                RunGroup run = launcher.begin(CgroupLimits.NONE)) {
            long before = run.cpuNanos().orElseThrow();
            launcher.run(run, "(" + BURN + ") & (" + BURN + ") & wait");

            long nanos = run.cpuNanos().orElseThrow();
            CgroupReading reading = run.read();
            assertThat(nanos - before).isGreaterThan(10_000_000);
            assertThat(reading.get(Metric.CPU_NANOS).orElseThrow()).isGreaterThanOrEqualTo(nanos);
            assertThat(reading.get(Metric.CPU_USER_NANOS)).isPresent();
            assertThat(reading.get(Metric.CPU_SYSTEM_NANOS)).isPresent();
        }
    }

    @Test
    void aQuotaSlowsDown() {
        try (TestLauncher launcher = TestLauncher.with(CPU);
                RunGroup run = launcher.begin(Limits.cpu(5_000, 50_000, 0))) {
            assertThat(run.unmet()).isEmpty();
            launcher.run(run, BURN);

            assertThat(value(run, Metric.CPU_THROTTLED_PERIODS)).isPositive();
        }
    }

    @Test
    void aFrozenRunUsesNoTimeAndGoesOnAfterwards() {
        try (TestLauncher launcher = TestLauncher.with();
                RunGroup run = launcher.begin(CgroupLimits.NONE)) {
            launcher.start(run, "while :; do :; done");
            await("some work", () -> run.cpuNanos().orElseThrow() > 20_000_000);
            run.freeze();
            long frozen = run.cpuNanos().orElseThrow();
            pause(100);
            assertThat(run.cpuNanos().orElseThrow() - frozen).isLessThan(20_000_000);

            run.thaw();
            await("more work", () -> run.cpuNanos().orElseThrow() > frozen + 40_000_000);
            run.freeze();
            run.kill();
            await("the end", () -> isIdle(run));
        }
    }

    private static boolean isIdle(RunGroup run) {
        long before = run.cpuNanos().orElseThrow();
        pause(100);
        return run.cpuNanos().orElseThrow() - before < 20_000_000;
    }

    @Test
    void limitsChangeWhileItRuns() {
        try (TestLauncher launcher = TestLauncher.with(PIDS);
                RunGroup run = launcher.begin(Limits.pids(3))) {
            launcher.start(run, "while :; do sleep 100 & sleep 0.02; done");
            await("the limit", () -> run.evidence().pidsMaxHits().orElse(0L) > 0);
            assertThat(value(run, Metric.PIDS_CURRENT)).isLessThanOrEqualTo(3);

            assertThat(run.change(Limits.pids(30))).isEmpty();
            launcher.start(run, "sleep 100 & sleep 100 & sleep 100 & sleep 100");
            await("more processes", () -> value(run, Metric.PIDS_CURRENT) > 3);
            run.kill();
        }
    }

    @Test
    void theNextRunOfASlotStartsFromNothing() {
        try (TestLauncher launcher = TestLauncher.with(MEMORY, PIDS)) {
            try (RunGroup run = launcher.begin(Limits.usual(32 * MEBIBYTE, 10))) {
                launcher.start(run, FORKS);
                await("the limit", () -> run.evidence().pidsMaxHits().orElse(0L) > 0);
                run.kill();
                await("the end", () -> value(run, Metric.PIDS_CURRENT) == 0);
                launcher.start(run, HOG);
                await("a kill", () -> run.evidence().oomKills().orElse(0L) > 0);
                run.kill();
                await("the end", () -> value(run, Metric.PIDS_CURRENT) == 0);
            }
            try (RunGroup run = launcher.begin(CgroupLimits.NONE)) {
                CgroupReading reading = run.read();
                assertThat(reading.get(Metric.OOM_KILLS)).hasValue(0L);
                assertThat(reading.get(Metric.PIDS_MAX_HITS)).hasValue(0L);
                assertThat(reading.get(Metric.MEMORY_MAX_HITS)).hasValue(0L);
                assertThat(reading.get(Metric.CPU_NANOS).orElseThrow()).isLessThan(5_000_000);
                assertThat(reading.get(Metric.MEMORY_PEAK).orElseThrow()).isLessThan(16 * MEBIBYTE);
                launcher.start(run, FORKS);
                await("all processes", () -> value(run, Metric.PIDS_CURRENT) == 31);
                run.kill();
                await("the end", () -> value(run, Metric.PIDS_CURRENT) == 0);
            }
        }
    }

    @Test
    void aCpuThatTheHostDoesNotHaveIsUnmetAndOneItHasIsNot() {
        try (TestLauncher launcher = TestLauncher.with(CPUSET)) {
            try (RunGroup run = launcher.begin(Limits.cpuset("0,4000"))) {
                assertThat(run.unmet()).extracting(Unmet::kind).containsExactly(LimitKind.CPUSET);
            }
            try (RunGroup run = launcher.begin(Limits.cpuset("0"))) {
                assertThat(run.unmet()).isEmpty();
                Path out =
                        Path.of(System.getProperty("java.io.tmpdir"), "cloister-" + run.hashCode());
                launcher.run(run, "grep Cpus_allowed_list /proc/self/status > " + out);
                assertThat(out).content().isEqualToIgnoringWhitespace("Cpus_allowed_list: 0");
                assertThat(out.toFile().delete()).isTrue();
            }
        }
    }

    @Test
    void aControllerThatTheSlotDoesNotHaveIsUnmet() {
        try (TestLauncher launcher = TestLauncher.with()) {
            boolean has = launcher.slot.covers(java.util.Set.of(HUGETLB));
            CgroupLimits limits = Limits.everything();
            try (RunGroup run = launcher.begin(limits)) {
                if (!has) {
                    assertThat(run.unmet())
                            .anySatisfy(unmet -> {
                                assertThat(unmet.kind()).isEqualTo(LimitKind.HUGE_PAGES);
                                assertThat(unmet.errno()).isEqualTo(Errno.ENODEV.number());
                            });
                }
            }
        }
    }

    @Test
    void devicesThatAProgramDoesNotNeedAreClosedInVersion1() throws Exception {
        try (TestLauncher launcher = TestLauncher.with(DEVICES);
                RunGroup run = launcher.begin(CgroupLimits.NONE)) {
            Path out = Files.createTempFile("cloister-test", "");
            launcher.run(
                    run,
                    "for d in null zero urandom kmsg; do"
                            + " if (exec < /dev/$d) 2> /dev/null; then echo $d; fi; done > "
                            + out);

            assertThat(Files.readAllLines(out)).containsExactly("null", "zero", "urandom");
            Files.delete(out);
        }
    }

    @Test
    void afterARestItsDirectoryIsOpenedAgain() {
        try (TestLauncher launcher = TestLauncher.with();
                RunGroup run = launcher.begin(CgroupLimits.NONE)) {
            Assumptions.assumeTrue(run.directory().isPresent(), "no control groups of version 2");
            Path before = TestLauncher.leaf(run);
            run.rest();
            // It takes the number that was closed.
            int other = Kernel.open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
            try {
                assertThat(TestLauncher.leaf(run)).isEqualTo(before);
            } finally {
                Kernel.close(other);
            }
        }
    }

    @Test
    void afterTheEndItHasNoDirectory() {
        try (TestLauncher launcher = TestLauncher.with()) {
            RunGroup run = launcher.begin(CgroupLimits.NONE);
            Assumptions.assumeTrue(run.directory().isPresent(), "no control groups of version 2");
            run.close();
            assertThatIllegalStateException().isThrownBy(run::directory);
        }
    }

    @Test
    void afterTheEndItTellsWhatWasReadLast() {
        try (TestLauncher launcher = TestLauncher.with()) {
            RunGroup run = launcher.begin(CgroupLimits.NONE);
            launcher.run(run, BURN);
            CgroupReading last = run.read();
            run.close();
            run.close();

            assertThat(run.read()).isEqualTo(last);
            assertThat(run.cpuNanos().orElseThrow())
                    .isEqualTo(last.get(Metric.CPU_NANOS).orElseThrow());
            assertThat(run.pidsEvents()).isEmpty();
            run.kill();
        }
    }
}
