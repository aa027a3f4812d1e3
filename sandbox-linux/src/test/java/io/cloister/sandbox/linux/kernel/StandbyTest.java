package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// The process that a session makes ahead for its next command.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandbyTest {

    /// How long the process stands by in these tests, in hundredths of a second.
    private static final int WAIT = 100;

    /// A process that is older than this stood by; one that is younger was made for its command.
    private static final int OLD = 75;

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
                // Pids begin anew some time.
                .max(Comparator.comparing(it -> it.info().startInstant().orElse(Instant.MIN)))
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
            assertThat(age(session, ageing())).isGreaterThanOrEqualTo(OLD);
            standBy();
            Command onTerminal = ageing().terminal(TerminalSize.standard());
            assertThat(age(session, onTerminal)).isLessThan(OLD);
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

    @Test
    void itIsNotThereWhileACommandIs() throws Exception {
        try (Sandbox sandbox = strict().syscalls(SyscallPolicy.unfiltered()).build();
                SandboxSession session = sandbox.open()) {
            Command nice = shell("cut -d' ' -f19 /proc/$$/stat");
            String usual = session.run(nice).stdoutText();
            standBy();
            // The first process, and its own supervisor.
            String count = "sleep 0.5; grep -c cloister /proc/[0-9]*/comm | grep -c :1";
            assertThat(session.run(shell(count))).printed("2\n");
            standBy();
            session.run(shell("renice -n 19 -p $(ls /proc | grep '^[0-9]')"));
            standBy();
            assertThat(session.run(nice)).printed(usual);
            // It can be done to oneself.
            assertThat(session.run(shell("renice -n 19 -p $$ >&2; cut -d' ' -f19 /proc/$$/stat")))
                    .printed("19\n");
        }
    }

    @Test
    void itTakesNoneOfTheProcessesThatCommandsMayHave() throws Exception {
        Cgroups.assume("pids");
        String tree = "for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait; echo all";
        try (Sandbox sandbox = strict().pidsLimit(12).build();
                SandboxSession session = sandbox.open()) {
            for (int i = 0; i < 3; i++) {
                assertThat(session.run(shell(tree))).printed("all\n");
                standBy();
            }
            CompletableFuture<SandboxResult> other = session.start(shell(tree)).onResult();
            assertThat(session.run("true")).exited(0);
            assertThat(other.get()).exited(0);
            assertThat(session.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DUP3", "CLOCK_GETTIME", "RECVMSG"})
    void callsThatItNeedsMayBeClosed(Syscall call) throws Exception {
        SyscallPolicy policy =
                SyscallPolicy.standard()
                        .first(
                                List.of(
                                        SyscallRule.of(
                                                call,
                                                new SyscallAction.Fail(Errno.EPERM.number()),
                                                "closed")));
        try (Sandbox sandbox = strict().syscalls(policy).build();
                SandboxSession session = sandbox.open()) {
            session.run("true");
            standBy();
            assertThat(age(session, ageing())).isGreaterThanOrEqualTo(OLD);
        }
    }

    /// Longer than a process stands by.
    @Test
    void manyAtOnceGetInNobodysWay() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open();
                ExecutorService threads = Executors.newFixedThreadPool(12)) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int number = i;
                all.add(
                        threads.submit(() -> {
                            int count = 0;
                            while (System.nanoTime() < end) {
                                assertThat(session.run("true")).exited(0);
                                Thread.sleep(number % 3);
                                count++;
                            }
                            return count;
                        }));
            }
            for (Future<Integer> one : all) {
                assertThat(one.get()).isPositive();
            }
            assertThat(session.run("true")).exited(0);
        }
    }

    @Test
    void oneThatWasKilledIsPassedOver() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            standBy();
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
