package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Hogs.nextLine;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Limits of a command that runs already.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChangeLimitsTest {

    /// Starts a command that does `before`, changes its limits, and lets it do `after`.
    private static SandboxResult changed(
            Sandbox.Builder builder,
            String before,
            UnaryOperator<ResourceLimits> change,
            String after)
            throws Exception {
        try (Sandbox sandbox = builder.build()) {
            String acts = before + " , say ready , line" + (after.isEmpty() ? "" : " , " + after);
            SandboxProcess process = sandbox.start(hog(acts));
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            process.changeLimits(change);
            if (!after.isEmpty()) {
                nextLine(process);
            }
            return process.waitForResult();
        }
    }

    /// Starts a command that does `before` and then waits, and changes its limits.
    private static SandboxResult changed(
            Sandbox.Builder builder, String before, UnaryOperator<ResourceLimits> change)
            throws Exception {
        return changed(builder, before, change, "");
    }

    private static SandboxResult changed(
            Sandbox.Builder builder, UnaryOperator<ResourceLimits> change, String after)
            throws Exception {
        return changed(builder, "burn 1", change, after);
    }

    @Test
    void withMoreMemoryAHogLives() throws Exception {
        Cgroups.assume("memory");
        Sandbox.Builder small = hogs().memoryLimit(Bytes.mebibytes(24));
        assertThat(changed(small, "heap 8", l -> l.memory(Bytes.mebibytes(256)), "heap 64"))
                .exited(0);
        assertThat(changed(small, "heap 8", l -> l, "heap 64")).reached(Limit.MEMORY);
    }

    @Test
    void withoutAMemoryLimitAHogLives() throws Exception {
        Cgroups.assume("memory");
        Sandbox.Builder small = hogs().memoryLimit(Bytes.mebibytes(24));
        assertThat(changed(small, ResourceLimits::unlimitedMemory, "heap 64")).exited(0);
    }

    @Test
    void withLessMemoryAHogDies() throws Exception {
        Cgroups.assume("memory");
        Sandbox.Builder large = hogs().memoryLimit(Bytes.mebibytes(256));
        assertThat(changed(large, l -> l.memory(Bytes.mebibytes(24)), "heap 64"))
                .reached(Limit.MEMORY);
        assertThat(changed(large, l -> l, "heap 64")).exited(0);
    }

    @Test
    void withLessMemoryThanItHasAHogDiesAtOnce() throws Exception {
        Cgroups.assume("memory");
        Sandbox.Builder large = hogs().memoryLimit(Bytes.mebibytes(256));
        assertThat(changed(large, "heap 64", l -> l.memory(Bytes.mebibytes(24))))
                .reached(Limit.MEMORY);
    }

    @Test
    void theNextRunHasTheLimitsOfThePolicy() throws Exception {
        Cgroups.assume("memory", "pids");
        try (Sandbox sandbox = hogs().memoryLimit(Bytes.mebibytes(24)).pidsLimit(20).build()) {
            for (int i = 0; i < 2; i++) {
                SandboxProcess process = sandbox.start(hog("line , heap 64 , forks 40"));
                process.changeLimits(l -> l.memory(Bytes.mebibytes(256)).pids(100));
                nextLine(process);
                assertThat(process.waitForResult()).exited(0);
                assertThat(sandbox.run(hog("heap 64"))).reached(Limit.MEMORY);
                assertThat(sandbox.run(hog("forks 40"))).reached(Limit.PIDS);
            }
        }
    }

    @Test
    void withFewerProcessesAForkFails() throws Exception {
        Cgroups.assume("pids");
        assertThat(changed(hogs().pidsLimit(30), l -> l.pids(10), "forks 15 , stay"))
                .reached(Limit.PIDS);
        assertThat(changed(hogs().pidsLimit(30), l -> l, "forks 15")).exited(0);
    }

    @Test
    void withMoreProcessesAForkWorks() throws Exception {
        Cgroups.assume("pids");
        assertThat(changed(hogs().pidsLimit(10), l -> l.pids(30), "forks 15")).exited(0);
        assertThat(changed(hogs().pidsLimit(10), l -> l, "forks 15")).reached(Limit.PIDS);
    }

    @Test
    void processorTimeCanBeLowered() throws Exception {
        var result = changed(hogs(), l -> l.cpuTime(Duration.ofMillis(200)), "burn 10000");
        assertThat(result).reached(Limit.CPU_TIME);
        assertThat(result.usage().cpuTime().orElseThrow()).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void processorTimeCanBeRaised() throws Exception {
        Sandbox.Builder little = hogs().cpuTimeLimit(Duration.ofMillis(200));
        assertThat(changed(little, l -> l.cpuTime(Duration.ofSeconds(20)), "burn 400")).exited(0);
        assertThat(changed(little, l -> l, "burn 400")).reached(Limit.CPU_TIME);
    }

    @Test
    void processorTimeThatIsUsedAlreadyIsTheEnd() throws Exception {
        assertThat(changed(hogs(), "burn 300", l -> l.cpuTime(Duration.ofMillis(100))))
                .reached(Limit.CPU_TIME);
    }

    @Test
    void wallTimeCanBeLoweredAndRaised() throws Exception {
        assertThat(changed(hogs(), l -> l.wallTime(Duration.ofMillis(300)), "stay"))
                .reached(Limit.WALL_TIME);
        Sandbox.Builder brief = hogs().wallTimeLimit(Duration.ofMillis(1500));
        assertThat(changed(brief, l -> l.wallTime(Duration.ofSeconds(40)), "nap 2000")).exited(0);
    }

    @Test
    void anIdleTimeCanBeGivenAndTaken() throws Exception {
        assertThat(changed(hogs(), l -> l.idleTime(Duration.ofMillis(300)), "stay"))
                .reached(Limit.IDLE);
        Sandbox.Builder active = hogs().idleTimeLimit(Duration.ofMillis(1000));
        assertThat(changed(active, l -> l.idleTime(Duration.ofSeconds(40)), "nap 2000")).exited(0);
    }

    @Test
    void processorsCanBeTaken() throws Exception {
        Cgroups.assume("cpu");
        var result = changed(hogs(), l -> l.cpus(0.2), "burn 200");
        assertThat(result).exited(0);
        assertThat(result.usage().throttling().orElseThrow().throttledPeriods()).isPositive();
    }

    @Test
    void otherLimitsCannotBeChanged() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("line"));
            assertThatThrownBy(() -> process.changeLimits(l -> l.output(Bytes.of(7))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("output");
            assertThatThrownBy(() ->
                            process.changeLimits(
                                    l -> l.rlimit(Rlimit.FSIZE, new RlimitValue(1, 1))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> process.changeLimits(l -> l.extraTime(Duration.ofDays(1))))
                    .isInstanceOf(IllegalArgumentException.class);
            nextLine(process);
            assertThat(process.waitForResult()).exited(0);
        }
    }

    @Test
    void whatTheHostCannotDoIsRefused() throws Exception {
        Cgroups.assumeWithout("cpu");
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("line"));
            assertThatThrownBy(() -> process.changeLimits(l -> l.cpus(0.5)))
                    .isInstanceOfSatisfying(
                            SandboxUnavailableException.class,
                            e -> assertThat(e.remedy()).isNotBlank());
            process.changeLimits(l -> l.cpus(0.5).bestEffort(LimitItem.CPUS));
            nextLine(process);
            assertThat(process.waitForResult()).exited(0);
        }
    }

    @Test
    void aChangeAfterTheEndDoesNothing() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("exit 3"));
            process.waitForResult();
            process.changeLimits(l -> l.wallTime(Duration.ofMillis(1)));
            assertThat(process.waitForResult()).exited(3);
        }
    }
}
