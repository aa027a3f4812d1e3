package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Pod;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What one user of a pooled sandbox leaves, the next one does not find.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PoolTest {

    private static final String PYTHON = "/usr/bin/python3";

    private static void awaitIdle(SandboxPool pool) {
        Host.await("an idle sandbox", () -> pool.statistics().idle() == 1);
    }

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    /// The state of the pool after one user.
    private static SandboxPool.Statistics afterUser(Sandbox.Builder policy, Command... commands)
            throws Exception {
        try (Sandbox sandbox = policy.build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                for (Command command : commands) {
                    lease.run(command);
                }
            }
            awaitIdle(pool);
            SandboxPool.Statistics statistics = pool.statistics();
            try (SandboxPool.Lease next = pool.lease()) {
                // The first process, the supervisor, and three of its own.
                assertThat(next.run(shell("ls -d /proc/[0-9]* | wc -l")).stdoutText().strip())
                        .isIn("4", "5");
                assertThat(
                                next.run(
                                        shell(
                                                "ls -A /tmp /dev/shm /dev/mqueue; ls -ld /tmp | cut"
                                                        + " -c1-10")))
                        .printed("/dev/mqueue:\n\n/dev/shm:\n\n/tmp:\ndrwxrwxrwt\n");
            }
            return statistics;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":",
                "echo x > /tmp/a; mkdir -p /dev/shm/b/c; ln -s /etc /tmp/l; mkfifo /tmp/p",
                "i=0; while [ $i -lt 500 ]; do echo $i > /tmp/$i; i=$((i+1)); done",
                "mkdir /tmp/d; echo x > /tmp/d/f; chmod 0 /tmp/d/f /tmp/d",
                "sleep 1000 & setsid sleep 1000 & exit 0",
                "ulimit -n 10; cd /tmp; umask 0777; exit 3",
                "kill -9 $$",
            })
    void whatCanBeRemovedIsAndTheSandboxIsUsedAgain(String script) throws Exception {
        SandboxPool.Statistics statistics = afterUser(strict(), shell(script));
        assertThat(statistics.lastDiscard()).isEmpty();
        assertThat(statistics.opened()).isEqualTo(1);
        assertThat(statistics.resets()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chmod 0700 /tmp",
                "import ctypes; ctypes.CDLL(None).shmget(0, 4096, 0o600)",
                "import ctypes; c = ctypes.CDLL(None); c.msgctl(c.msgget(0, 0o600), 0, 0)",
                "import ctypes; c = ctypes.CDLL(None); c.semctl(c.semget(0, 1, 0o600), 0, 0)",
                "import ctypes; ctypes.CDLL(None).mq_open(b'/q', 0o102, 0o600, 0)",
                "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
                        + " socket.create_connection(s.getsockname())",
            })
    void whatWasChangedBeyondThatIsThrownAway(String act) throws Exception {
        Host.needsProgram("python3", "python3");
        Command command = act.startsWith("import") ? Command.of(PYTHON, "-c", act) : shell(act);
        SandboxPool.Statistics statistics = afterUser(strict(), command);
        assertThat(statistics.discarded()).isEqualTo(1);
        assertThat(statistics.opened()).isEqualTo(2);
        assertThat(statistics.lastDiscard().orElseThrow())
                .containsAnyOf("directories", "System V", "queues", "network")
                .hasSizeLessThan(500);
    }

    @Test
    void aLimitThatOneUserReachesIsNotToldToTheNext() throws Exception {
        Cgroups.assume("pids");
        String forks = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 20 & done; exit 0";
        try (Sandbox sandbox = strict().pidsLimit(8).build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            for (int i = 0; i < 5; i++) {
                try (SandboxPool.Lease lease = pool.lease()) {
                    lease.start(shell(forks)).onResult().handle((_, _) -> "over").get();
                }
                try (SandboxPool.Lease next = pool.lease()) {
                    assertThat(next.run(shell("sleep 0.2; echo fine"))).printed("fine\n");
                }
            }
        }
    }

    @Test
    void aMountThatIsMovedWithADirectoryAboveItIsSeen(@TempDir Path project) throws Exception {
        Files.createDirectories(project.resolve("conf/secret"));
        Sandbox.Builder policy =
                strict().writable(project, "/project")
                        .readOnly(Path.of("/usr/bin"), "/project/conf/secret");
        SandboxPool.Statistics used = afterUser(policy, shell("ls /project/conf"));
        assertThat(used.discarded()).isZero();
        SandboxPool.Statistics moved =
                afterUser(policy, shell("cd /project; mv conf x && mkdir -p conf/secret"));
        assertThat(moved.lastDiscard().orElseThrow()).contains("mounts");
    }

    @Test
    void onePolicyWithKeysIsNeverUsedTwice() throws Exception {
        SandboxPool.Statistics statistics =
                afterUser(strict().syscalls(SyscallPolicy.unfiltered()), shell(":"));
        assertThat(statistics.lastDiscard().orElseThrow()).contains("keys");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSandboxThatSharesNamespacesIsUsedOnceAndThrownAway(boolean pod) throws Exception {
        try (Pod shared = Pod.builder().build();
                Sandbox host = strict().build();
                SandboxSession session = host.open();
                Sandbox sandbox =
                        pod ? shared.sandbox(strict()) : strict().joinIpc(session).build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            String file = pod ? "/proc/self/ns/net" : "/proc/self/ns/ipc";
            Namespace namespace = pod ? Namespace.NET : Namespace.IPC;
            long joined = (pod ? shared.namespaceIds() : session.namespaceIds()).get(namespace);
            for (int i = 1; i <= 2; i++) {
                try (SandboxPool.Lease lease = pool.lease()) {
                    assertThat(lease.run("readlink", file))
                            .printed("%s:[%d]\n".formatted(namespace.label(), joined));
                    assertThat(lease.run(shell("ls -A /tmp; echo x > /tmp/x"))).printed("");
                }
                awaitIdle(pool);
                assertThat(pool.statistics().discarded()).isEqualTo(i);
                assertThat(pool.statistics().opened()).isEqualTo(i + 1);
                assertThat(pool.statistics().lastDiscard().orElseThrow())
                        .contains("shares")
                        .contains(namespace.name())
                        .contains("with others");
            }
            assertThat(session.isOpen()).isTrue();
        }
    }

    @Test
    void aLeaseDoesWhatItsSessionDoes() throws Exception {
        SandboxPath path = SandboxPath.of("/tmp/word");
        try (Sandbox sandbox = strict().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            SandboxProcess left;
            try (SandboxPool.Lease lease = pool.lease()) {
                lease.files().write(path, new byte[] {'x'}, 0644);
                assertThat(lease.run("cat", "/tmp/word")).printed("x");
                assertThat(
                                lease.run(
                                        shell("sleep 100"),
                                        limits -> limits.wallTime(Duration.ofMillis(50))))
                        .reached(Limit.WALL_TIME);
                SandboxProcess cat = lease.start(Command.of("cat"));
                cat.getOutputStream().write('y');
                cat.getOutputStream().close();
                assertThat(cat.getInputStream().readAllBytes()).containsExactly('y');
                left = lease.start(shell("sleep 100"), limits -> limits);
                assertThat(left.isAlive()).isTrue();
            }
            assertThat(left.onResult().get(30, TimeUnit.SECONDS).outcome())
                    .isInstanceOf(Outcome.Cancelled.class);
            awaitIdle(pool);
            assertThat(pool.statistics().lastDiscard()).isEmpty();
        }
    }

    @Test
    void aFullFileSystemIsEmptied() throws Exception {
        SandboxPool.Statistics statistics =
                afterUser(
                        strict().scratchSize(Bytes.mebibytes(4)),
                        shell("dd if=/dev/zero of=/tmp/f bs=1M count=3 2>/dev/null"));
        assertThat(statistics.lastDiscard()).isEmpty();
    }

    @Test
    void manyUsersOneAfterTheOther() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(2).build()) {
            for (int i = 0; i < 50; i++) {
                assertThat(pool.run(shell("ls -A /tmp; echo " + i + " > /tmp/mine"))).printed("");
            }
            Optional<String> discarded = pool.statistics().lastDiscard();
            assertThat(discarded).isEmpty();
            assertThat(pool.statistics().opened()).isEqualTo(2);
        }
    }

    @Test
    void filesOfAnEndedLeaseAreClosed() throws Exception {
        SandboxPath path = SandboxPath.of("/tmp/word");
        try (Sandbox sandbox = strict().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            SandboxFiles kept;
            try (SandboxPool.Lease lease = pool.lease()) {
                kept = lease.session().files();
                kept.write(path, new byte[] {'x'}, 0600);
                assertThat(kept.stat(path)).isPresent();
            }
            awaitIdle(pool);
            try (SandboxPool.Lease next = pool.lease()) {
                next.session().files().write(path, new byte[] {'y'}, 0600);
                assertThatExceptionOfType(SandboxFileException.class)
                        .isThrownBy(() -> kept.stat(path))
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
                assertThat(next.session().files().stat(path)).isPresent();
            }
            assertThat(pool.statistics().discarded()).isZero();
        }
    }

    @Test
    void whatWasKilledFromOutsideIsReplaced() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            awaitIdle(pool);
            String token = Host.token();
            SandboxPool.Lease lease = pool.lease();
            lease.session().start(Command.of("/bin/sh", "-c", "sleep 1000; : " + token));
            Host.await("the command", () -> !Host.processesWith(token).isEmpty());
            long first = firstProcess(Host.processesWith(token).getFirst());
            lease.close();
            awaitIdle(pool);
            assertThat(pool.statistics().discarded()).isZero();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            Host.await(
                    "another sandbox",
                    () -> pool.statistics().opened() == 2 && pool.statistics().idle() == 1);
            assertThat(pool.statistics().lastDiscard().orElseThrow()).contains("idle");
            assertThat(pool.run(shell("echo well"))).printed("well\n");
        }
    }

    /// The ancestor that is process 1 of its namespace.
    private static long firstProcess(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        while (Host.read("/proc/" + process.pid() + "/status")
                .lines()
                .noneMatch(line -> line.matches("NSpid:\\t[0-9]+\\t1"))) {
            process = process.parent().orElseThrow();
        }
        return process.pid();
    }

    @Test
    void manyPoolsThatCloseWhileTheyWorkLeaveNothing() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            String token = Host.token();
            long mounts = Host.mounts();
            useAndClose(sandbox, token);
            useAndClose(sandbox, token);
            assertThat(Host.processesWith(token)).isEmpty();
            assertThat(Host.mounts()).isEqualTo(mounts);
        }
    }

    private static void useAndClose(Sandbox sandbox, String token) throws Exception {
        List<SandboxPool> pools = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pools.add(SandboxPool.of(sandbox).size(0, 2).build());
        }
        for (SandboxPool pool : pools) {
            SandboxPool.Lease one = pool.lease();
            SandboxPool.Lease two = pool.lease();
            one.run(shell("echo x > /tmp/x; chmod 0700 /tmp"));
            two.session()
                    .start(
                            shell("sleep 1000; : " + token)
                                    .stdin(Input.empty())
                                    .stdout(Output.capture())
                                    .stderr(Output.capture()));
            one.close();
            two.close();
        }
        // Of each, one is reset, and one thrown away.
        for (SandboxPool pool : pools) {
            pool.close();
            assertThat(pool.statistics().idle() + pool.statistics().leased()).isZero();
        }
    }
}
