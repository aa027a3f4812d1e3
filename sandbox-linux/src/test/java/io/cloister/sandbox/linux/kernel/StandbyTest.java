package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/// The process that a session makes ahead for its next command.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandbyTest {

    /// How long the process stands by in these tests, in hundredths of a second.
    private static final int WAIT = 50;

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static void standBy() throws InterruptedException {
        Thread.sleep(10 * WAIT);
    }

    /// How long ago the process of a command was made, in hundredths of a second.
    private static long age(SandboxSession session, Command command) throws InterruptedException {
        SandboxResult result = session.run(command);
        String[] words = result.stdoutText().strip().split("\\s+");
        return Math.round(Double.parseDouble(words[1]) * 100) - Long.parseLong(words[0]);
    }

    /// The last process that was made in the session.
    private static ProcessHandle newest() {
        return ProcessHandle.current()
                .descendants()
                .max(Comparator.comparing(ProcessHandle::pid))
                .orElseThrow();
    }

    private static Command ageing() {
        return shell("cut -d' ' -f22 /proc/$$/stat; cut -d' ' -f1 /proc/uptime");
    }

    @Test
    void itBecomesTheNextCommandThatItSuits() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            session.run("true");
            standBy();
            assertThat(age(session, ageing())).isGreaterThanOrEqualTo(WAIT);
            standBy();
            Command onTerminal = ageing().terminal(TerminalSize.standard());
            assertThat(age(session, onTerminal)).isLessThan(WAIT);
        }
    }

    @Test
    void whatIsToldLateHolds() throws Exception {
        try (Sandbox sandbox = strict().rlimit(Rlimit.NOFILE, 20, 20).build();
                SandboxSession session = sandbox.open()) {
            session.run("true");
            standBy();
            SandboxResult result =
                    session.run(
                            Command.of(
                                            "/bin/sh",
                                            "-c",
                                            "cat; echo $A $0 $1 >&2; pwd; ls /proc/self/fd | wc -l;"
                                                    + " ulimit -n",
                                            "x",
                                            "y")
                                    .environment("A", "b")
                                    .workDirectory("/tmp")
                                    .stdin(Input.bytes("in\n".getBytes(UTF_8))));
            assertThat(result).printed("in\n/tmp\n4\n20\n");
            assertThat(result.stderrText()).isEqualTo("b x y\n");
        }
    }

    @Test
    void itsTimesBeginWithTheCommand() throws Exception {
        try (Sandbox sandbox =
                        strict().wallTimeLimit(Duration.ofSeconds(3))
                                .cpuTimeLimit(Duration.ofMillis(100))
                                .build();
                SandboxSession session = sandbox.open()) {
            session.run("true");
            Thread.sleep(3500);
            SandboxResult result = session.run(shell("sleep 0.2"));
            assertThat(result).exited(0);
            assertThat(result.usage().wallTime())
                    .isBetween(Duration.ofMillis(200), Duration.ofSeconds(3));
            standBy();
            assertThat(session.run(shell("sleep 100"))).reached(Limit.WALL_TIME);
            standBy();
            assertThat(session.run(shell("while :; do :; done"))).reached(Limit.CPU_TIME);
        }
    }

    @Test
    void whatCannotBeExecutedIsToldAsEver() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            session.run("true");
            standBy();
            assertThatExceptionOfType(SandboxLaunchException.class)
                    .isThrownBy(() -> session.run("/nowhere"))
                    .satisfies(e -> assertThat(e.step()).isEqualTo(SetupStep.EXECUTE))
                    .withMessageContaining("ENOENT");
            assertThat(session.run("true")).exited(0);
        }
    }

    /// With every right that a policy can give, and no filter.
    @Test
    void nobodyInsideLooksIntoItOrEndsIt() throws Exception {
        Sandbox.Builder mighty =
                strict().keepCapabilities(
                                Capability.SYS_PTRACE, Capability.KILL, Capability.DAC_OVERRIDE)
                        .syscalls(SyscallPolicy.unfiltered());
        try (Sandbox sandbox = mighty.build();
                SandboxSession session = sandbox.open()) {
            session.run("true");
            standBy();
            // The first process, its own supervisor, and the two that stand by.
            String attack =
                    """
                    sleep 0.5
                    n=0
                    for p in /proc/[0-9]*; do
                      p=${p#/proc/}
                      [ "$(cat /proc/$p/comm)" = cloister ] || continue
                      n=$((n + 1))
                      /victim attach $p >/dev/null && echo "traced $p"
                      head -c 1 /proc/$p/mem 2>/dev/null && echo "read $p"
                      ls /proc/$p/fd >/dev/null 2>&1 && echo "listed $p"
                    done
                    [ $n -ge 4 ] && /victim attachchild >/dev/null && echo tried
                    """;
            SandboxResult result = session.run(shell(attack));
            assertThat(result.stdoutText().lines().toList()).endsWith("tried").hasSize(1);
            standBy();
            // Where signals have a scope it lives on; else it is passed over.
            session.run(shell("kill -9 -1"));
            assertThat(session.run(shell("echo alive"))).printed("alive\n");
        }
    }

    @Test
    void oneThatWasKilledIsPassedOver() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            for (int i = 0; i < 3; i++) {
                session.run("true");
                standBy();
                newest().destroyForcibly();
                standBy();
                assertThat(session.run(shell("echo alive"))).printed("alive\n");
            }
        }
    }
}
