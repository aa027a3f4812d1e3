package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A sandbox that stays, and commands in it.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionTest {

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static SandboxResult shell(SandboxSession session, String script) throws Exception {
        return session.run(shell(script));
    }

    @Test
    void aCommandFindsWhatAnEarlierOneWrote() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            assertThat(shell(session, "echo hello > /tmp/a")).exited(0);
            assertThat(shell(session, "cat /tmp/a; id -u")).printed("hello\n1000\n");
            // A run of its own does not.
            assertThat(sandbox.run(shell("cat /tmp/a"))).exited(1);
        }
    }

    @Test
    void itSurvivesHoweverACommandEnds() throws Exception {
        try (Sandbox sandbox = strict().wallTimeLimit(Duration.ofSeconds(2)).build();
                SandboxSession session = sandbox.open()) {
            assertThat(shell(session, "exit 7")).exited(7);
            assertThat(shell(session, "kill -SEGV $$")).signalled(Signal.SEGV);
            assertThat(shell(session, "sleep 100")).reached(Limit.WALL_TIME);
            assertThatExceptionOfType(SandboxLaunchException.class)
                    .isThrownBy(() -> session.run("/nowhere"));
            SandboxProcess process = session.start(Command.of("sleep", "100"));
            process.cancel();
            assertThat(process.waitForResult()).cancelled();
            assertThat(session.isOpen()).isTrue();
            assertThat(shell(session, "echo alive")).printed("alive\n");
        }
    }

    @Test
    void commandsRunAtOnceAndSeeEachOther() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess sleeper = session.start(Command.of("sleep", "4242"));
            assertThat(shell(session, "cat /proc/*/cmdline | tr '\\0' ' '").stdoutText())
                    .contains("sleep 4242");
            assertThat(sleeper.isAlive()).isTrue();
            sleeper.destroy();
            assertThat(sleeper.waitForResult()).signalled(Signal.TERM);
        }
    }

    @Test
    void whatACommandLeavesRunningEndsWithItAndOthersGoOn() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess other = session.start(Command.of("sleep", "4243"));
            assertThat(shell(session, "setsid sleep 4244 >/dev/null 2>&1 & setsid sleep 4244 & :"))
                    .exited(0);
            String left = shell(session, "cat /proc/*/cmdline | tr '\\0' ' '").stdoutText();
            assertThat(left).contains("sleep 4243").doesNotContain("sleep 4244");
            assertThat(other.isAlive()).isTrue();
        }
    }

    @Test
    void closingEndsEverything() throws Exception {
        SandboxProcess process;
        SandboxSession session;
        try (Sandbox sandbox = strict().build()) {
            session = sandbox.open();
            process = session.start(Command.of("sleep", "4245"));
            session.close();
            session.close();
            assertThat(process.waitForResult()).cancelled();
            assertThat(session.onEnd().get()).cancelled();
            assertThat(session.isOpen()).isFalse();
            assertThat(Host.processesWith("4245")).isEmpty();
            SandboxSession closed = session;
            assertThatIllegalStateException().isThrownBy(() -> closed.run("true"));
            // It ends with its sandbox too.
            session = sandbox.open();
        }
        assertThat(session.onEnd().get()).cancelled();
    }

    @Test
    void itEndsWithTheMemoryOfAllAndSoDoItsCommands() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = strict().memoryLimit(Bytes.mebibytes(64)).build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess other = session.start(Command.of("sleep", "100"));
            assertThat(session.run("/usr/bin/python3", "-c", "b = bytearray(200 << 20)"))
                    .reached(Limit.MEMORY);
            assertThat(session.onEnd().get(10, TimeUnit.SECONDS)).reached(Limit.MEMORY);
            assertThat(other.waitForResult()).reached(Limit.MEMORY);
            assertThat(session.isOpen()).isFalse();
            Host.await("its files are closed", () -> reason(session) == Reason.CLOSED);
        }
    }

    /// Why its files cannot be read.
    private static Reason reason(SandboxSession session) {
        try {
            session.files().read("/tmp/none");
            throw new AssertionError("read");
        } catch (SandboxFileException e) {
            return e.reason();
        }
    }

    @Test
    void aCommandMayHaveLimitsOfItsOwn() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            assertThat(
                            session.run(
                                    shell("ulimit -n; ulimit -t; ulimit -f"),
                                    limits ->
                                            limits.rlimit(Rlimit.NOFILE, new RlimitValue(77, 77))
                                                    .cpuTime(Duration.ofSeconds(3))))
                    .printed("77\n4\nunlimited\n");
            assertThat(shell(session, "ulimit -n")).printed("1024\n");
            assertThat(
                            session.run(
                                    shell("while :; do :; done"),
                                    limits -> limits.cpuTime(Duration.ofMillis(300))))
                    .reached(Limit.CPU_TIME);
            assertThat(session.run(shell("yes"), limits -> limits.output(Bytes.kibibytes(10))))
                    .reached(Limit.OUTPUT);
            assertThat(shell(session, "echo alive")).printed("alive\n");
        }
    }

    @Test
    void itsNamespacesAreItsOwnAndThoseOfItsCommands() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open();
                SandboxSession other = sandbox.open()) {
            Map<Namespace, Long> ids = session.namespaceIds();
            assertThat(ids).containsOnlyKeys(Namespace.values());
            for (Namespace namespace : Namespace.values()) {
                String file = namespace == Namespace.MOUNT ? "mnt" : namespace.label();
                String host = Host.link("/proc/self/ns/" + file);
                String inside = shell(session, "readlink /proc/self/ns/" + file).stdoutText();
                assertThat(inside).isEqualTo(file + ":[" + ids.get(namespace) + "]\n");
                assertThat(inside.strip()).isNotEqualTo(host);
                assertThat(other.namespaceIds()).doesNotContainEntry(namespace, ids.get(namespace));
            }
        }
    }

    @Test
    void theFirstProcessIsOutOfReach() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            shell(session, "kill -9 1; kill -9 -1");
            assertThat(shell(session, "cat /proc/1/environ")).exited(1);
            assertThat(shell(session, "grep -E 'Cap(Eff|Prm|Bnd)|NoNewPrivs' /proc/self/status"))
                    .printed(
                            """
                            CapPrm:\t0000000000000000
                            CapEff:\t0000000000000000
                            CapBnd:\t0000000000000000
                            NoNewPrivs:\t1
                            """);
        }
    }

    @Test
    void theFirstProcessIsOutOfReachEvenOfWhoMayTraceAndKill() throws Exception {
        Sandbox.Builder keeping =
                strict().keepCapabilities(
                                Capability.SYS_PTRACE,
                                Capability.KILL,
                                Capability.SYS_ADMIN,
                                Capability.DAC_OVERRIDE)
                        .syscalls(SyscallPolicy.unfiltered());
        try (Sandbox sandbox = keeping.build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(victim("attach", "1"))).failedWith(Errno.EPERM);
            assertThat(session.run(victim("attachchild"))).exited(0);
            assertThat(session.run(victim("getfd", "1", "3"))).failedWith(Errno.EPERM);
            assertThat(session.run(victim("vmread", "1"))).failedWith(Errno.EPERM);
            assertThat(shell(session, "/victim signals 1; sleep 0.1; test -d /proc/1")).exited(0);
            assertThat(session.isOpen()).isTrue();
        }
    }

    @Test
    void outputsOfACommandThatEndedItsSessionAreToldOf(@TempDir Path directory) throws Exception {
        Cgroups.assume("memory");
        Command command =
                Command.of("/usr/bin/python3", "-c", "b = bytearray(200 << 20)")
                        .collect("/tmp", directory.resolve("copy"));
        try (Sandbox sandbox = strict().memoryLimit(Bytes.mebibytes(64)).build();
                SandboxSession session = sandbox.open()) {
            SandboxResult result = session.run(command);
            assertThat(session.onEnd().get(10, TimeUnit.SECONDS)).reached(Limit.MEMORY);
            // Which of the two comes first is not ours to say: its end, or the copy.
            assertThat(result.outputs()).containsOnlyKeys(SandboxPath.of("/tmp"));
            if (result.outputs().get(SandboxPath.of("/tmp"))
                    instanceof CollectedFiles.Missing missing) {
                assertThat(missing.cause().reason()).isEqualTo(Reason.CLOSED);
            }
        }
    }

    @Test
    void commandsHaveTerminals() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            Command command = shell("tty; stty size").terminal(TerminalSize.of(90, 30));
            assertThat(session.run(command)).printed("/dev/pts/0\r\n30 90\r\n");
            assertThat(session.run(command)).printed("/dev/pts/0\r\n30 90\r\n");
        }
    }

    @Test
    void filesGoInAndOut() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            session.files().write("/tmp/in", "hello".getBytes(UTF_8));
            assertThat(shell(session, "cat /tmp/in; echo back > /tmp/out")).printed("hello");
            assertThat(session.files().read("/tmp/out")).isEqualTo("back\n".getBytes(UTF_8));
        }
    }

    @Test
    void outputsAreCollectedWhenARunIsOver(@TempDir Path directory) throws Exception {
        Command command =
                shell("mkdir /tmp/out; echo made > /tmp/out/f; sleep 100 & exit 3")
                        .collect("/tmp/out", directory.resolve("copy"))
                        .collect("/tmp/none", directory.resolve("none"));
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            SandboxResult result = sandbox.run(command);
            assertThat(result).exited(3);
            assertThat(directory.resolve("copy/f")).hasContent("made\n");
            assertThat(result.outputs().get(SandboxPath.of("/tmp/out")))
                    .isInstanceOf(CollectedFiles.Copied.class);
            assertThat(result.outputs().get(SandboxPath.of("/tmp/none")))
                    .isInstanceOf(CollectedFiles.Missing.class);
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> sandbox.start(command))
                    .withMessageContaining("collect");
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> session.start(command));
        }
    }

    @Test
    void aPausedSessionStandsStillAndItsClocksToo() throws Exception {
        Cgroups.assume("freezer");
        try (Sandbox sandbox = strict().wallTimeLimit(Duration.ofMillis(1500)).build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess process = session.start(shell("sleep 0.5; echo done"));
            session.pause();
            Thread.sleep(2000);
            assertThat(process.isAlive()).isTrue();
            session.resume();
            assertThat(process.waitForResult()).exited(0);
        }
    }

    @Test
    void aPausedSessionEndsItsCommandsInTimeIfItIsToldTo() throws Exception {
        Cgroups.assume("freezer");
        try (Sandbox sandbox = strict().wallTimeLimit(Duration.ofMillis(1500)).build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess process = session.start(shell("sleep 100"));
            session.pause(PausedTime.PASSES);
            Thread.sleep(2000);
            session.resume();
            assertThat(process.waitForResult()).reached(Limit.WALL_TIME);
            assertThat(shell(session, "echo on")).printed("on\n");
        }
    }

    @Test
    void manyCommandsAtOnce() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            List<CompletableFuture<SandboxResult>> results = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int code = i;
                SandboxProcess process = session.start(shell("sleep 0.1; exit " + code));
                results.add(process.onResult());
            }
            for (int i = 0; i < 40; i++) {
                assertThat(results.get(i).get()).exited(i);
            }
        }
    }

    @Test
    void withoutAProcessNamespaceThereIsNone() {
        try (Sandbox sandbox = strict().hostPid().build()) {
            assertThatExceptionOfType(SandboxUnavailableException.class)
                    .isThrownBy(sandbox::open)
                    .withMessageContaining("hostPid()");
        }
    }

    @Test
    void itsUsageIsThatOfAll() throws Exception {
        Cgroups.assume("cpu");
        SandboxSession ended;
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run("/usr/bin/python3", "-c", "sum(range(3000000))")).exited(0);
            assertThat(session.usage().cpuTime().orElseThrow()).isPositive();
            ended = session;
        }
        SandboxResult end = ended.onEnd().get();
        assertThat(end.outcome()).isInstanceOf(Outcome.Cancelled.class);
        assertThat(end.usage().cpuTime().orElseThrow()).isPositive();
    }
}
