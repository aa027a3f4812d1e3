package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.policy.Rlimit;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How an end is told, and the methods of a running command.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OutcomeTest {

    private final Sandbox.Builder strict = strict();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 77, 126, 127, 128, 137, 143, 254, 255})
    void theExitCodeIsTold(int code) {
        assertThat(run(strict, victim("exit", String.valueOf(code)))).exited(code);
    }

    @Test
    void everyExitCodeIsTold() throws InterruptedException {
        try (Sandbox sandbox = strict.build()) {
            for (int code = 0; code < 256; code++) {
                assertThat(sandbox.run(victim("exit", String.valueOf(code)))).exited(code);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 30})
    void aSignalThatTheCommandSendsItselfIsTold(int number) {
        assertThat(run(strict, victim("raise", String.valueOf(number))))
                .signalled(new Signal(number));
    }

    @Test
    void aDeathBySigsysIsTakenForAForbiddenCall() {
        assertThat(run(strict, victim("raise", "31")).outcome())
                .isInstanceOf(Outcome.PolicyViolated.class);
    }

    @Test
    void aRealTimeSignalIsTold() {
        assertThat(run(strict, victim("raise", "40"))).signalled(new Signal(40));
    }

    @Test
    void aFaultIsTold() {
        assertThat(run(strict, victim("segv"))).signalled(Signal.SEGV);
    }

    @Test
    void aSignalOfTheCpuLimitSentByTheCommandIsNoLimit() {
        var builder = strict.cpuTimeLimit(Duration.ofSeconds(50));
        assertThat(run(builder, victim("raise", "24"))).signalled(Signal.XCPU);
        assertThat(run(builder, victim("raise", "9"))).signalled(Signal.KILL);
    }

    @Test
    void aForgedCpuSignalIsNoLimit() {
        var builder = strict.cpuTimeLimit(Duration.ofSeconds(50));
        assertThat(run(builder, victim("timer", "24"))).signalled(Signal.XCPU);
        assertThat(run(builder, victim("lowercpu"))).signalled(Signal.XCPU);
    }

    @RepeatedTest(3)
    void theCpuLimitIsTold() {
        var builder = strict.cpuTimeLimit(Duration.ofSeconds(1));
        assertThat(run(builder, victim("loop"))).reached(Limit.CPU_TIME);
    }

    @Test
    void theCpuLimitIsToldToOneThatIgnoresItsSignal() {
        var builder = strict.cpuTimeLimit(Duration.ofSeconds(1));
        assertThat(shell(builder, "trap '' XCPU; while :; do :; done")).reached(Limit.CPU_TIME);
    }

    @Test
    void theFileSizeLimitIsTold() {
        var builder = strict.rlimit(Rlimit.FSIZE, 1000);
        assertThat(run(builder, victim("fill", "/tmp/x", "100000"))).reached(Limit.DISK);
        assertThat(run(builder, victim("fill", "/tmp/x", "1000"))).exited(0);
    }

    @Test
    void theExitValueIsThatOfAShell() throws Exception {
        assertThat(exitValue(strict, "exit", "7")).isEqualTo(7);
        assertThat(exitValue(strict, "raise", "6")).isEqualTo(128 + 6);
        assertThat(exitValue(strict.cpuTimeLimit(Duration.ofSeconds(1)), "loop"))
                .isEqualTo(128 + 9);
    }

    private static int exitValue(Sandbox.Builder builder, String... act) throws Exception {
        try (Sandbox sandbox = builder.build()) {
            return sandbox.start(victim(act)).waitFor();
        }
    }

    @Test
    void aRunningCommandIsAProcess() throws Exception {
        try (Sandbox sandbox = strict.build()) {
            SandboxProcess process = sandbox.start(victim("sleep"));
            assertThat(process.inputReader().readLine()).isEqualTo("sleeping");
            assertThat(process.isAlive()).isTrue();
            assertThat(Host.read("/proc/" + process.pid() + "/cmdline")).startsWith("/victim");
            assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
            assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
            assertThat(process.supportsNormalTermination()).isTrue();
            assertThat(process.onExit()).isNotDone();
            process.destroy();
            assertThat(process.onExit().join()).isSameAs(process);
            assertThat(process.exitValue()).isEqualTo(128 + 15);
            assertThat(process.isAlive()).isFalse();
            assertThat(process.waitForResult()).signalled(Signal.TERM);
            process.signal(Signal.TERM);
            process.destroy();
            process.cancel();
            process.destroyForcibly();
            assertThat(process.waitForResult()).signalled(Signal.TERM);
        }
    }

    @Test
    void aSignalReachesTheCommand() throws Exception {
        try (Sandbox sandbox = strict.build()) {
            SandboxProcess process = sandbox.start(victim("sleep"));
            process.signal(Signal.USR1);
            assertThat(process.waitForResult()).signalled(Signal.USR1);
            process = sandbox.start(victim("sleep"));
            process.signal(Signal.KILL);
            assertThat(process.waitForResult().outcome())
                    .isEqualTo(new Outcome.Signalled(Signal.KILL));
        }
    }

    @Test
    void aCommandThatIgnoresTheSignalGoesOn() throws Exception {
        try (Sandbox sandbox = strict.build()) {
            SandboxProcess process = sandbox.start(victim("ignoring"));
            assertThat(process.inputReader().readLine()).isEqualTo("ignoring");
            process.destroy();
            assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    void usageIsTold() {
        var usage = shell(strict, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done").usage();
        assertThat(usage.cpuTime().orElseThrow()).isPositive();
        assertThat(usage.wallTime()).isPositive();
        assertThat(usage.peakMemory().orElseThrow().value()).isPositive();
        assertThat(usage.minorFaults().orElseThrow()).isPositive();
    }

    @Test
    void thereIsNoTerminal() {
        assertThat(shell(strict, "test -t 0 || test -t 1 || test -t 2")).exited(1);
        // Field 7 of stat is the terminal; 5 and 6 are group and session, its own.
        assertThat(shell(strict, "set -- $(cat /proc/$$/stat); echo $1 $5 $6 $7"))
                .printed("2 2 2 0\n");
    }
}
