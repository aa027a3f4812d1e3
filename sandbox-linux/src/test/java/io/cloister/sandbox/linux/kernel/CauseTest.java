package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.policy.Rlimit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The outcome is derived from evidence, which the result has.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CauseTest {

    private static Sandbox.Builder limited() {
        return hogs().memoryLimit(Bytes.mebibytes(24));
    }

    private static List<String> sources(SandboxResult result) {
        assertThat(result.evidence()).isNotEmpty();
        return result.evidence().stream().map(Evidence::source).toList();
    }

    @Test
    void threeWaysTo137AreThreeOutcomes() {
        Cgroups.assume("memory");
        SandboxResult exit = run(limited(), hog("exit 137"));
        SandboxResult suicide = run(limited(), hog("raise 9"));
        SandboxResult hog = run(limited(), hog("heap 128"));
        assertThat(exit).exited(137);
        assertThat(suicide).signalled(Signal.KILL);
        assertThat(hog).reached(Limit.MEMORY);
        assertThat(Set.of(exit.evidence(), suicide.evidence(), hog.evidence())).hasSize(3);
        assertThat(sources(exit)).containsExactly("wait status");
        assertThat(sources(suicide)).containsExactly("wait status");
        assertThat(hog.evidence().getFirst().toString()).contains("memory");
    }

    @Test
    void theDecisiveObservationIsTheFirst() {
        var wall = run(hogs().wallTimeLimit(Duration.ofMillis(200)), hog("stay"));
        assertThat(wall).reached(Limit.WALL_TIME);
        assertThat(wall.evidence().getFirst().observed()).contains("200ms");
        var cpu = run(hogs().cpuTimeLimit(Duration.ofMillis(100)), hog("burn 10000"));
        assertThat(cpu).reached(Limit.CPU_TIME);
        assertThat(cpu.evidence().getFirst().observed()).contains("100ms");
    }

    @Test
    void aForkThatFailedIsInTheEvidence() {
        Cgroups.assume("pids");
        var result = run(hogs().pidsLimit(10), hog("forks 40"));
        assertThat(result).reached(Limit.PIDS);
        assertThat(result.evidence().getFirst().toString()).contains("pids");
        assertThat(sources(run(hogs().pidsLimit(10), hog("forks 5"))))
                .containsExactly("wait status");
    }

    @Test
    void aFullFileSystemIsInTheEvidence() {
        var builder = hogs().tmpfs("/data", Bytes.mebibytes(1));
        var result = run(builder, hog("fill 4000000 /data/x stay"));
        assertThat(result).reached(Limit.DISK);
        assertThat(result.evidence()).anySatisfy(e -> assertThat(e.toString()).contains("/data"));
    }

    @Test
    void anExitWith137AfterMemoryWasRefusedIsAnExit() {
        var builder = hogs().rlimit(Rlimit.AS, 64L << 20);
        assertThat(run(builder, hog("refused 128"))).exited(137);
        assertThat(run(builder, hog("refused 16"))).exited(0);
    }

    @Test
    void aForkThatTheUsersOwnLimitRefusesIsNoLimitOfTheRun() {
        // An ordinary user has processes besides the sandbox.
        Host.needsRoot();
        var builder = hogs().rlimit(Rlimit.NPROC, 20);
        assertThat(run(builder, hog("forks 40"))).failedWith(Errno.EAGAIN);
        assertThat(run(builder, hog("forks 5"))).exited(0);
    }

    @Test
    void anOwnSignalAtNearlyTheLimitIsNoLimit() {
        var builder = hogs().cpuTimeLimit(Duration.ofSeconds(2));
        assertThat(run(builder, hog("burn 1500 , raise 9"))).signalled(Signal.KILL);
    }

    @Test
    void aSignalOfTheCallerIsNoLimit() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            process.signal(Signal.KILL);
            assertThat(process.waitForResult()).signalled(Signal.KILL);
        }
    }

    @Test
    void anEndByTheCallerIsInTheEvidence() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("say up , stay"));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            process.cancel();
            SandboxResult result = process.waitForResult();
            assertThat(result).cancelled();
            assertThat(result.evidence()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void theLimitThatWasReachedFirstIsTold() {
        Cgroups.assume("memory", "pids");
        var builder = limited().pidsLimit(20).wallTimeLimit(Duration.ofSeconds(20));
        assertThat(run(builder, hog("heap 128 , forks 40"))).reached(Limit.MEMORY);
        assertThat(run(builder, hog("forks 40 , stay"))).reached(Limit.PIDS);
    }
}
