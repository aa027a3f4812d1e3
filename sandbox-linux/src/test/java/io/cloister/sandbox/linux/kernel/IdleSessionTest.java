package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// What a session costs while nothing runs in it, and that its limits hold again at once.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IdleSessionTest {

    private static final int SESSIONS = 10;
    private static final int MANY = 50;
    private static final int MOST_DESCRIPTORS = 15;

    /// Looks that have to see the same.
    private static final int STEADY = 3;

    /// For a while in which a session that is looked at every 50 ms would read some hundred times.
    private static final int LONG_MILLIS = 3_000;

    @Test
    void itTakesAtMost15Descriptors() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            List<SandboxSession> sessions = new ArrayList<>();
            open(sandbox, sessions, 2);
            int before = Host.descriptors().size();
            open(sandbox, sessions, SESSIONS);
            for (SandboxSession session : sessions) {
                assertThat(session.run(Command.of("/bin/sleep", "0.2"))).exited(0);
                session.usage();
            }
            Host.await(
                    "few descriptors: " + Host.descriptors(),
                    () -> Host.descriptors().size() - before <= MOST_DESCRIPTORS * (SESSIONS - 2));
            assertThat(sessions.getLast().run(Command.of("/bin/true"))).exited(0);
        }
    }

    @Test
    void whoAsksForItsUsageLeavesNothingOpen() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            List<SandboxSession> sessions = new ArrayList<>();
            open(sandbox, sessions, MANY);
            awaitAboutAsMany(atRest(), sessions, SandboxSession::usage);
        }
    }

    @Test
    void whoPausesItLeavesNothingOpen() throws Exception {
        Cgroups.assume("freezer");
        try (Sandbox sandbox = strict().build()) {
            List<SandboxSession> sessions = new ArrayList<>();
            open(sandbox, sessions, SESSIONS);
            int before = atRest();
            awaitAboutAsMany(before, sessions, SandboxSession::pause);
            awaitAboutAsMany(before, sessions, SandboxSession::resume);
            assertThat(sessions.getLast().run(Command.of("/bin/true"))).exited(0);
        }
    }

    /// How many descriptors there are once that does not change any more.
    private static int atRest() throws InterruptedException {
        int count = 0;
        for (int same = 0; same < STEADY; rest()) {
            int now = Host.descriptors().size();
            same = now == count ? same + 1 : 0;
            count = now;
        }
        return count;
    }

    /// But for what launchers prepare meanwhile.
    private static void awaitAboutAsMany(
            int before, List<SandboxSession> sessions, Consumer<SandboxSession> action) {
        sessions.forEach(action);
        Host.await(
                "%d descriptors: %s".formatted(before, Host.descriptors()),
                () -> Host.descriptors().size() <= before + 2 * sessions.size());
    }

    @Test
    void nobodyLooksAtIt() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            List<SandboxSession> sessions = new ArrayList<>();
            open(sandbox, sessions, SESSIONS);
            Host.await("rest", () -> systemCalls(100) < 20);
            long idle = systemCalls(LONG_MILLIS);
            SandboxProcess process = sessions.getFirst().start(Command.of("/bin/sleep", "100"));
            long busy = systemCalls(LONG_MILLIS);
            process.cancel();
            // What reads this counts itself; one session is looked at 60 times meanwhile.
            assertThat(idle).isLessThan(20);
            assertThat(busy).isGreaterThan(40);
        }
    }

    @Test
    void itsLimitOnProcessesHoldsAfterARest() throws Exception {
        Cgroups.assume("pids");
        try (Sandbox sandbox = strict().pidsLimit(8).build();
                SandboxSession session = sandbox.open()) {
            rest();
            assertThat(session.run(Command.of("/bin/true"))).exited(0);
            rest();
            session.start(
                    Command.of(
                            "/bin/sh",
                            "-c",
                            "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 20 & done; wait"));
            assertThat(session.onEnd().get(60, TimeUnit.SECONDS).outcome())
                    .isEqualTo(new Outcome.LimitReached(Limit.PIDS));
        }
    }

    @Test
    void aFileSystemThatACommandFillsEndsItAfterARest() throws Exception {
        try (Sandbox sandbox = strict().scratchSize(Bytes.mebibytes(1)).build();
                SandboxSession session = sandbox.open()) {
            rest();
            session.start(Command.of("/bin/sh", "-c", "cat /dev/zero > /tmp/full; sleep 20"));
            assertThat(session.onEnd().get(60, TimeUnit.SECONDS).outcome())
                    .isEqualTo(new Outcome.LimitReached(Limit.DISK));
        }
    }

    @Test
    void aFileSystemThatTheCallerFillsEndsItAfterARest() throws Exception {
        try (Sandbox sandbox = strict().scratchSize(Bytes.mebibytes(1)).build();
                SandboxSession session = sandbox.open()) {
            rest();
            session.files().write("/tmp/half", new byte[1 << 19]);
            assertThat(session.run(Command.of("/bin/cat", "/tmp/half"))).exited(0);
            Host.await(
                    "the end of a session that is full",
                    () -> {
                        fill(session);
                        return !session.isOpen();
                    });
            assertThat(session.onEnd().get(60, TimeUnit.SECONDS).outcome())
                    .isEqualTo(new Outcome.LimitReached(Limit.DISK));
        }
    }

    @Test
    void whatOutlivesACommandWhoseSupervisorIsGoneIsStillLookedAt() throws Exception {
        try (Sandbox sandbox = strict().scratchSize(Bytes.mebibytes(1)).build();
                SandboxSession session = sandbox.open()) {
            String left = "setsid sh -c 'sleep 2; cat /dev/zero > /tmp/full; sleep 100' &";
            SandboxProcess process =
                    session.start(
                            Command.of(
                                    "/bin/sh", "-c", left + " sleep 0.1; echo r; exec sleep 100"));
            assertThat(process.inputReader().readLine()).isEqualTo("r");
            ProcessHandle supervisor =
                    ProcessHandle.of(process.pid()).flatMap(ProcessHandle::parent).orElseThrow();
            assertThat(supervisor.destroyForcibly()).isTrue();
            assertThat(session.onEnd().get(60, TimeUnit.SECONDS).outcome())
                    .isEqualTo(new Outcome.LimitReached(Limit.DISK));
        }
    }

    /// One small file more, which stays where it finds room.
    private static void fill(SandboxSession session) {
        try {
            session.files().write("/tmp/more-" + System.nanoTime(), new byte[1 << 12]);
        } catch (SandboxFileException e) {
            // It is full, or about to be closed: its mounts go before its root.
            assertThat(e.reason()).isIn(Reason.FULL, Reason.CLOSED, Reason.READ_ONLY);
        }
    }

    @Test
    void itIsLookedAtWhileTheCallerIsBusyWithItsFiles() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            rest();
            List<Long> seen = new ArrayList<>();
            session.files()
                    .forEach(
                            SandboxPath.ROOT,
                            Integer.MAX_VALUE,
                            _ -> {
                                if (seen.isEmpty()) {
                                    seen.add(systemCalls(LONG_MILLIS));
                                }
                            });
            assertThat(seen.getFirst()).isGreaterThan(40);
            Host.await("rest", () -> systemCalls(100) < 20);
        }
    }

    private static void open(Sandbox sandbox, List<SandboxSession> sessions, int count) {
        while (sessions.size() < count) {
            sessions.add(sandbox.open());
        }
    }

    private static void rest() throws InterruptedException {
        Thread.sleep(300);
    }

    /// How many system calls that read or write this JVM makes meanwhile, with those that ask.
    private static long systemCalls(int millis) {
        try {
            long before = reads();
            Thread.sleep(millis);
            return reads() - before;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static long reads() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/io")).stream()
                .filter(line -> line.startsWith("syscr:") || line.startsWith("syscw:"))
                .mapToLong(line -> Long.parseLong(line.substring(6).strip()))
                .sum();
    }
}
