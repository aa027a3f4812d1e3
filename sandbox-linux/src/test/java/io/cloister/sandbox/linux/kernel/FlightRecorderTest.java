package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The flight recorder hears of real runs.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FlightRecorderTest {

    private static final String SECRET = "hunter2-hunter2";

    @TempDir private Path directory;

    interface Action {
        void run() throws Exception;
    }

    /// What is recorded of `action`.
    private List<RecordedEvent> recorded(Action action) throws Exception {
        Path file = directory.resolve("test.jfr");
        try (Recording recording = new Recording()) {
            // Also those whose classes nobody has needed so far.
            List.of(
                            "Launch",
                            "Run",
                            "LimitReached",
                            "Violation",
                            "PoolLease",
                            "PoolDiscard",
                            "LauncherRestart")
                    .forEach(name -> recording.enable("cloister." + name));
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("cloister."))
                .toList();
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("cloister." + name))
                .toList();
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name) {
        assertThat(named(events, name)).as(name).hasSize(1);
        return named(events, name).getFirst();
    }

    @Test
    void aRunIsRecordedWithItsLaunchAndNothingSecret() throws Exception {
        SandboxResult[] result = new SandboxResult[1];
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().environment("OTHER", SECRET).build()) {
                        result[0] =
                                sandbox.run(
                                        Command.of("/bin/sh", "-c", "cat; exit 3", SECRET)
                                                .environment("TOKEN", SECRET)
                                                .stdin(SECRET.getBytes()));
                    }
                });

        RecordedEvent run = only(events, "Run");
        assertThat(run.getString("program")).isEqualTo("/bin/sh");
        assertThat(run.getString("outcome")).isEqualTo("exited");
        assertThat(run.getString("detail")).isEqualTo("3");
        assertThat(run.getDuration("wallTime")).isEqualTo(result[0].usage().wallTime());
        assertThat(Optional.of(run.getDuration("cpuTime"))).isEqualTo(result[0].usage().cpuTime());
        RecordedEvent launch = only(events, "Launch");
        assertThat(launch.getLong("run")).isEqualTo(run.getLong("run"));
        Duration phases =
                launch.getDuration("prepare")
                        .plus(launch.getDuration("create"))
                        .plus(launch.getDuration("isolate"))
                        .plus(launch.getDuration("execute"));
        assertThat(phases).isEqualTo(result[0].usage().setUp().orElseThrow().total());
        assertThat(launch.getDuration()).isBetween(phases.dividedBy(4), run.getDuration());
        assertThat(events.toString()).doesNotContain(SECRET);
    }

    @Test
    void aLimitIsRecorded() throws Exception {
        List<RecordedEvent> events =
                recorded(() -> shell(strict().wallTimeLimit(Duration.ofMillis(300)), "sleep 20"));

        assertThat(only(events, "LimitReached").getString("limit"))
                .isEqualTo(Limit.WALL_TIME.name());
        assertThat(only(events, "LimitReached").getString("observed")).startsWith("kill record: ");
        assertThat(only(events, "Run").getString("outcome")).isEqualTo("limit reached");
    }

    @Test
    void aViolationIsRecordedWithTheCall() throws Exception {
        SyscallRule rule = SyscallRule.of(Syscall.SETSID, SyscallAction.KILL, "no daemons");
        Sandbox.Builder builder = strict().syscalls(SyscallPolicy.standard().first(rule));
        List<RecordedEvent> events = recorded(() -> shell(builder, "setsid sleep 1"));

        assertThat(only(events, "Violation").getString("call")).isEqualTo("setsid");
        assertThat(only(events, "Violation").getString("argument")).isEmpty();
    }

    @Test
    void aLaunchThatFailedSaysItsStep() throws Exception {
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build()) {
                        sandbox.run(Command.of("/does/not/exist", SECRET));
                    } catch (SandboxLaunchException e) {
                        assertThat(e.errnoName()).isEqualTo("ENOENT");
                    }
                });

        assertThat(only(events, "Launch").getString("failure")).endsWith("ENOENT");
        assertThat(only(events, "Run").getString("outcome")).isEqualTo("failed");
    }

    @Test
    void commandsOfASessionHaveItsNumber() throws Exception {
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build();
                            SandboxSession session = sandbox.open()) {
                        session.run("/bin/sh", "-c", "exit 1");
                        session.run("/bin/sh", "-c", "exit 2");
                    }
                });

        List<RecordedEvent> runs = named(events, "Run");
        assertThat(runs)
                .extracting(run -> run.getLong("sandbox"))
                .hasSize(3)
                .containsOnly(runs.getFirst().getLong("sandbox"));
        assertThat(runs).extracting(run -> run.getLong("run")).doesNotHaveDuplicates();
        assertThat(runs).extracting(run -> run.getString("detail")).contains("1", "2");
    }

    @Test
    void aCommandOfASessionThatCannotBeStartedIsRecorded() throws Exception {
        Command command = Command.of("/bin/true").stdin(directory.resolve("missing"));
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build();
                            SandboxSession session = sandbox.open()) {
                        // Once with a process that stands by, and once without one.
                        for (int i = 0; i < 2; i++) {
                            assertThatException().isThrownBy(() -> session.run(command));
                        }
                    }
                });

        assertThat(ofTrue(events, "Run"))
                .hasSize(2)
                .extracting(run -> run.getString("outcome"))
                .containsOnly("failed");
        assertThat(ofTrue(events, "Launch"))
                .hasSize(2)
                .noneMatch(launch -> launch.getString("failure").isEmpty());
    }

    @Test
    void aCommandForASessionThatHasEndedIsRecorded() throws Exception {
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build();
                            SandboxSession session = sandbox.open()) {
                        SandboxProcess process = session.start(Command.of("/bin/sleep", "100"));
                        ProcessHandle first = ProcessHandle.of(process.pid()).orElseThrow();
                        while (!isFirst(first)) {
                            first = first.parent().orElseThrow();
                        }
                        first.destroyForcibly();
                        Host.await("the end", () -> session.onEnd().isDone());
                        assertThatIllegalStateException()
                                .isThrownBy(() -> session.run("/bin/true"))
                                .withMessageContaining("has ended");
                    }
                });

        assertThat(ofTrue(events, "Run"))
                .singleElement()
                .satisfies(run -> {
                    assertThat(run.getString("outcome")).isEqualTo("failed");
                    assertThat(run.getString("detail")).isEqualTo("IllegalStateException");
                });
    }

    /// Whether it is process 1 of a namespace.
    private static boolean isFirst(ProcessHandle process) {
        return Host.read("/proc/" + process.pid() + "/status")
                .lines()
                .anyMatch(line -> line.matches("NSpid:\\t[0-9]+\\t1"));
    }

    private static List<RecordedEvent> ofTrue(List<RecordedEvent> events, String name) {
        return named(events, name).stream()
                .filter(event -> event.getString("program").equals("/bin/true"))
                .toList();
    }

    /// As where the first native call fails, or memory is short.
    @Test
    void anErrorInALaunchIsRecordedAndLeavesNothing() throws Exception {
        Path broken =
                (Path)
                        Proxy.newProxyInstance(
                                getClass().getClassLoader(),
                                new Class<?>[] {Path.class},
                                (_, _, _) -> {
                                    throw new LinkageError(SECRET);
                                });
        Command command = Command.of("/bin/true").stdin(broken);
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build();
                            SandboxSession session = sandbox.open()) {
                        assertThatThrownBy(() -> sandbox.run(command))
                                .isInstanceOf(LinkageError.class);
                        assertThatThrownBy(() -> session.run(command))
                                .isInstanceOf(LinkageError.class);
                        assertThat(session.run("/bin/sh", "-c", "exit 3").outcome())
                                .isEqualTo(new Outcome.Exited(3));
                    }
                });

        assertThat(ofTrue(events, "Run"))
                .hasSize(2)
                .extracting(run -> run.getString("outcome") + ": " + run.getString("detail"))
                .containsOnly("failed: LinkageError");
        assertThat(events.toString()).doesNotContain(SECRET);
    }

    @Test
    void aPoolIsRecordedWithItsWaitAndItsDiscard() throws Exception {
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build();
                            SandboxPool pool = SandboxPool.of(sandbox).size(1).uses(1).build()) {
                        try (SandboxPool.Lease lease = pool.lease()) {
                            lease.run("/bin/true");
                        }
                        Host.await("the discard", () -> pool.statistics().discarded() == 1);
                    }
                });

        assertThat(only(events, "PoolLease").getBoolean("leased")).isTrue();
        assertThat(only(events, "PoolLease").getDuration()).isPositive();
        assertThat(only(events, "PoolDiscard").getString("reason"))
                .isEqualTo("it was used 1 times");
    }

    @Test
    void aLauncherThatWasKilledIsReplacedAndThatIsRecorded() throws Exception {
        List<RecordedEvent> events =
                recorded(() -> {
                    try (Sandbox sandbox = strict().build()) {
                        sandbox.run("/bin/true");
                        List<ProcessHandle> launchers = ProcessHandle.current().children().toList();
                        launchers.forEach(ProcessHandle::destroyForcibly);
                        Host.await(
                                "the end of the launchers",
                                () -> launchers.stream().noneMatch(ProcessHandle::isAlive));
                        sandbox.run("/bin/true");
                    }
                });

        RecordedEvent restart = only(events, "LauncherRestart");
        assertThat(restart.getLong("pid")).isNotEqualTo(restart.getLong("pidBefore"));
    }
}
