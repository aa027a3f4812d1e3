package io.cloister.sandbox.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SetUpTimes;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

class FlightRecordsTest {

    private static final int TIMES = 20_000;
    private static final long SANDBOX = 7;
    private static final long RUN = 8;

    private static SandboxResult result(Outcome outcome, Evidence... evidence) {
        ResourceUsage usage =
                ResourceUsage.builder(Duration.ofMillis(20))
                        .cpuTime(Duration.ofMillis(3))
                        .setUp(
                                new SetUpTimes(
                                        Duration.ofNanos(1),
                                        Duration.ofNanos(2),
                                        Duration.ofNanos(3),
                                        Duration.ofNanos(4)))
                        .build();
        return SandboxResult.of(
                outcome, usage, new byte[0], new byte[0], List.of(), List.of(evidence));
    }

    /// What is recorded of `action`.
    private static List<RecordedEvent> recorded(Runnable action) throws IOException {
        Path file = Files.createTempFile("cloister-", ".jfr");
        try (Recording recording = new Recording()) {
            EventsDocumentTest.TYPES.forEach(type -> recording.enable(type.getName()));
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith("cloister."))
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name) {
        List<RecordedEvent> all =
                events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
        assertThat(all).as(name).hasSize(1);
        return all.getFirst();
    }

    @Test
    void aRunHasItsLaunchWithThePhasesAndItsEnd() throws IOException {
        List<RecordedEvent> events =
                recorded(() -> {
                    RunRecord record = FlightRecords.run(SANDBOX, RUN, "/bin/true");
                    record.started();
                    record.ended(result(new Outcome.Exited(3)));
                    record.ended(result(new Outcome.Exited(4)));
                });

        RecordedEvent launch = only(events, "cloister.Launch");
        assertThat(launch.getLong("sandbox")).isEqualTo(SANDBOX);
        assertThat(launch.getLong("run")).isEqualTo(RUN);
        assertThat(launch.getDuration("prepare")).isEqualTo(Duration.ofNanos(1));
        assertThat(launch.getDuration("create")).isEqualTo(Duration.ofNanos(2));
        assertThat(launch.getDuration("isolate")).isEqualTo(Duration.ofNanos(3));
        assertThat(launch.getDuration("execute")).isEqualTo(Duration.ofNanos(4));
        RecordedEvent run = only(events, "cloister.Run");
        assertThat(run.getString("program")).isEqualTo("/bin/true");
        assertThat(run.getString("outcome")).isEqualTo("exited");
        assertThat(run.getString("detail")).isEqualTo("3");
        assertThat(run.getDuration("wallTime")).isEqualTo(Duration.ofMillis(20));
        assertThat(run.getDuration("cpuTime")).isEqualTo(Duration.ofMillis(3));
        assertThat(run.getLong("peakMemory")).isEqualTo(Long.MIN_VALUE);
        assertThat(run.getStackTrace()).isNull();
    }

    @Test
    void aLimitHasItsEvidence() throws IOException {
        List<RecordedEvent> events =
                recorded(() ->
                        FlightRecords.run(SANDBOX, RUN, "hog")
                                .ended(
                                        result(
                                                new Outcome.LimitReached(Limit.MEMORY),
                                                new Evidence("memory.events", "oom_kill 1"))));

        RecordedEvent limit = only(events, "cloister.LimitReached");
        assertThat(limit.getString("limit")).isEqualTo("MEMORY");
        assertThat(limit.getString("observed")).isEqualTo("memory.events: oom_kill 1");
    }

    @Test
    void aViolationHasTheCallAndItsArguments() throws IOException {
        List<RecordedEvent> events =
                recorded(() ->
                        FlightRecords.run(SANDBOX, RUN, "evil")
                                .ended(
                                        result(
                                                new Outcome.PolicyViolated(
                                                        "socket(arg0 = 0x2, arg1 = 0x2)"))));

        RecordedEvent violation = only(events, "cloister.Violation");
        assertThat(violation.getString("call")).isEqualTo("socket");
        assertThat(violation.getString("argument")).isEqualTo("arg0 = 0x2, arg1 = 0x2");
    }

    @Test
    void aFailureHasItsKindAndNotItsMessage() throws IOException {
        List<RecordedEvent> events =
                recorded(() ->
                        FlightRecords.run(SANDBOX, RUN, "x")
                                .failed(new SandboxException("TOKEN=secret")));

        assertThat(only(events, "cloister.Launch").getString("failure"))
                .isEqualTo("SandboxException");
        assertThat(only(events, "cloister.Run").getString("outcome")).isEqualTo("failed");
        assertThat(events.toString()).doesNotContain("secret");
    }

    @Test
    void poolsAndTheLauncherAreRecorded() throws IOException {
        List<RecordedEvent> events =
                recorded(() -> {
                    FlightRecords.lease(SANDBOX).ended(true);
                    FlightRecords.discarded(SANDBOX, "a queue was left");
                    FlightRecords.launcherRestarted(10, 11);
                });

        assertThat(only(events, "cloister.PoolLease").getBoolean("leased")).isTrue();
        assertThat(only(events, "cloister.PoolDiscard").getString("reason"))
                .isEqualTo("a queue was left");
        assertThat(only(events, "cloister.LauncherRestart").getLong("pidBefore")).isEqualTo(10);
    }

    @Test
    void nothingIsAllocatedWhereNobodyRecords() {
        SandboxResult result = result(new Outcome.Exited(0));
        Throwable failure = new SandboxException("none");
        Runnable all =
                () -> {
                    RunRecord run = FlightRecords.run(SANDBOX, RUN, "true");
                    run.started();
                    run.ended(result);
                    run.failed(failure);
                    FlightRecords.lease(SANDBOX).ended(true);
                    FlightRecords.discarded(SANDBOX, "none");
                    FlightRecords.launcherRestarted(1, 2);
                };

        assertThat(allocatedBy(all)).isLessThan(TIMES);
        // The twin: it is what would be measured.
        try (Recording recording = new Recording()) {
            recording.enable("cloister.Run");
            recording.start();
            assertThat(allocatedBy(all)).isGreaterThan(TIMES);
        }
        // The recorder is there from now on, and nothing of ours is wanted.
        assertThat(allocatedBy(all)).isLessThan(TIMES);
    }

    /// Bytes that this thread allocates when it does so many times: less than one each is none,
    /// since the measurement itself takes some.
    private static long allocatedBy(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        action.run();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
            action.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
