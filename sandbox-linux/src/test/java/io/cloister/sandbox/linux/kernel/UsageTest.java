package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Hogs.nextLine;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What a result tells about usage, against what the kernel and the program itself count.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UsageTest {

    /// What starting and ending a program may take on a slow machine.
    private static final Duration AROUND = Duration.ofMillis(100);

    private static ResourceUsage usage(String acts) {
        return usage(hogs(), acts);
    }

    private static ResourceUsage usage(Sandbox.Builder builder, String acts) {
        SandboxResult result = run(builder, hog(acts));
        assertThat(result).exited(0);
        return result.usage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"burn 300", "threads 3 100", "burners 3 100", "kernel 300"})
    void theProcessorTimeIsWhatTheProgramSees(String acts) {
        SandboxResult result = run(hogs(), hog(acts + " , times"));
        assertThat(result).exited(0);
        String[] seen = result.stdoutText().strip().split(" ");
        Duration used = Duration.ofNanos(Long.parseLong(seen[0]) + Long.parseLong(seen[1]));
        assertThat(used).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        assertThat(result.usage().cpuTime().orElseThrow())
                .isBetween(used.minus(Duration.ofMillis(1)), used.plus(AROUND));
    }

    /// The group counts what the sandbox did before the program, too, and the usage does not.
    @Test
    void processorTimeIsTheKernelsOwnCount() throws Exception {
        Cgroups.assume("cpuacct");
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process =
                    sandbox.start(hog("say up , line , burners 4 150 , say done , line"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            Counted before = Counted.of(process);
            nextLine(process);
            assertThat(process.inputReader().readLine()).isEqualTo("done");
            Counted after = Counted.of(process);
            Duration used = after.kernel().minus(before.kernel());
            assertThat(after.told().minus(before.told())).isCloseTo(used, tolerance(used));
            nextLine(process);
            SandboxResult result = process.waitForResult();
            assertThat(result).exited(0);
            assertThat(result.usage().cpuTime().orElseThrow())
                    .isBetween(after.told().minus(tolerance(used)), after.told().plus(AROUND));
        }
    }

    /// The processor time of a run that waits, by the sandbox and by the kernel.
    private record Counted(Duration told, Duration kernel) {
        static Counted of(SandboxProcess process) {
            // It has printed, and is about to wait: what that takes is not counted twice.
            Host.pause();
            return new Counted(
                    process.usage().cpuTime().orElseThrow(),
                    Duration.ofNanos(Cgroups.cpuNanos(process.pid())));
        }
    }

    /// 1 ms or 1 %.
    private static Duration tolerance(Duration time) {
        Duration percent = time.dividedBy(100);
        return percent.toMillis() > 0 ? percent : Duration.ofMillis(1);
    }

    @Test
    void timeThatNobodyAddsUpIsTold() {
        Cgroups.assume("cpuacct");
        assertThat(usage("unseen 6 50").cpuTime().orElseThrow())
                .isBetween(Duration.ofMillis(300), Duration.ofMillis(300).plus(AROUND));
    }

    @Test
    void userAndSystemTimeAreToldApart() {
        ResourceUsage user = usage("burn 300");
        ResourceUsage system = usage("kernel 300");
        if (!Host.isUserModeLinux()) {
            // That one splits by ticks of 10 ms, in which much else happens.
            assertThat(user.userTime().orElseThrow())
                    .isGreaterThan(user.systemTime().orElseThrow().multipliedBy(2));
            assertThat(system.systemTime().orElseThrow())
                    .isGreaterThan(system.userTime().orElseThrow());
        }
        assertThat(user.userTime().orElseThrow()).isGreaterThan(system.userTime().orElseThrow());
        assertThat(system.systemTime().orElseThrow())
                .isGreaterThan(user.systemTime().orElseThrow());
        assertThat(user.cpuTime())
                .contains(user.userTime().orElseThrow().plus(user.systemTime().orElseThrow()));
    }

    @Test
    void peakMemoryIsTheKernelsOwnCount() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("small 32 , say done , line"));
            assertThat(process.inputReader().readLine()).isEqualTo("done");
            Bytes peak = Bytes.of(Cgroups.memoryPeak(process.pid()));
            assertThat(process.usage().peakMemory()).contains(peak);
            nextLine(process);
            SandboxResult result = process.waitForResult();
            assertThat(result).exited(0);
            assertThat(result.usage().peakMemory().orElseThrow())
                    .isBetween(peak, Bytes.of(peak.value() + Bytes.mebibytes(1).value()));
        }
    }

    @Test
    void peakMemoryIsThatOfAllProcesses() {
        Cgroups.assume("memory");
        assertThat(usage("children 32").peakMemory().orElseThrow())
                .isBetween(Bytes.mebibytes(32), Bytes.mebibytes(48));
    }

    @ParameterizedTest
    @ValueSource(strings = {"small 32", "heap 32", "shared 32"})
    void peakMemoryIsAboutWhatWasTouched(String acts) {
        assertThat(usage(acts).peakMemory().orElseThrow())
                .isBetween(Bytes.mebibytes(32), Bytes.mebibytes(44));
    }

    @Test
    void thePeakOfOneRunIsNotThatOfTheNext() throws InterruptedException {
        Cgroups.assume("memory");
        try (Sandbox sandbox = hogs().build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sandbox.run(hog("small 64"))).exited(0);
                var usage = sandbox.run(hog("small 16")).usage();
                assertThat(usage.peakMemory().orElseThrow())
                        .isBetween(Bytes.mebibytes(16), Bytes.mebibytes(28));
            }
        }
    }

    @Test
    void pageFaultsAreCounted() {
        long pages = 16 * 1024 / 4;
        ResourceUsage usage = usage("small 16");
        assertThat(usage.minorFaults().orElseThrow()).isBetween(pages, pages + 2000);
        assertThat(usage("burn 1").minorFaults().orElseThrow()).isLessThan(pages);
    }

    @Test
    void switchesAreCounted() {
        // A nap on a busy processor may be over before it has begun.
        assertThat(usage("naps 300").voluntarySwitches().orElseThrow()).isBetween(270L, 500L);
        assertThat(usage("burn 1").voluntarySwitches().orElseThrow()).isLessThan(100);
    }

    @Test
    void processesAreCounted() {
        Cgroups.assumeVersion2("pids");
        assertThat(usage("forks 7").processesPeak()).contains(8L);
        assertThat(usage("threads 5 20").processesPeak()).contains(6L);
        assertThat(usage("burn 1").processesPeak()).contains(1L);
    }

    @Test
    void wallTimeIsThatOfTheProgram() {
        assertThat(usage("nap 300").wallTime())
                .isBetween(Duration.ofMillis(300), Duration.ofSeconds(10));
    }

    @Test
    void throttlingIsTold() {
        Cgroups.assume("cpu");
        var slow = usage(hogs().cpus(0.2), "burn 200");
        assertThat(slow.wallTime()).isGreaterThan(Duration.ofMillis(600));
        var throttling = slow.throttling().orElseThrow();
        assertThat(throttling.periods()).isPositive();
        assertThat(throttling.throttledPeriods()).isBetween(1L, throttling.periods());
        assertThat(throttling.throttledTime()).isPositive();
        var free = usage("burn 200");
        assertThat(free.throttling().map(t -> t.throttledPeriods()).orElse(0L)).isZero();
    }

    @Test
    void setUpTimesAreTold() {
        var setUp = usage("burn 1").setUp().orElseThrow();
        assertThat(setUp.prepare()).isPositive();
        assertThat(setUp.create()).isPositive();
        assertThat(setUp.isolate()).isPositive();
        assertThat(setUp.execute()).isPositive();
        assertThat(setUp.total()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void whatNobodyCountsIsAbsent() {
        ResourceUsage usage = usage("burn 10");
        assertThat(usage.memory().anonymous().isPresent()).isEqualTo(Cgroups.isAvailable("memory"));
        assertThat(usage.throttling().isPresent()).isEqualTo(Cgroups.isAvailable("cpu"));
        // The peak that version 1 keeps is that of earlier runs, too.
        boolean countsPids = Cgroups.isAvailable("pids") && !Cgroups.isVersion1("pids");
        assertThat(usage.processesPeak().isPresent()).isEqualTo(countsPids);
        if (!Cgroups.isAvailable("io")) {
            assertThat(usage.io()).isEmpty();
        }
    }
}
