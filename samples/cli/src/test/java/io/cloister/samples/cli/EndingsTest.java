package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;

/// Exit status and message of each kind of end.
class EndingsTest {
    private static final ResourceLimits NONE = ResourceLimits.unlimited();
    private static final List<Evidence> PROOF = List.of(new Evidence("wait status", "exit 1"));

    private static String message(Limit limit, ResourceLimits limits) {
        return Messages.of(new Outcome.LimitReached(limit), limits, List.of()).orElseThrow();
    }

    @Test
    void theStatusIsThatOfTheCommandOrTellsWhatEndedIt() {
        assertThat(ExitStatus.of(new Outcome.Exited(7))).isEqualTo(7);
        assertThat(ExitStatus.of(new Outcome.Signalled(Signal.SEGV))).isEqualTo(139);
        assertThat(ExitStatus.of(new Outcome.LimitReached(Limit.MEMORY))).isEqualTo(124);
        assertThat(ExitStatus.of(new Outcome.PolicyViolated("bpf"))).isEqualTo(124);
        assertThat(ExitStatus.of(new Outcome.Cancelled(Duration.ZERO))).isEqualTo(130);
    }

    @ParameterizedTest
    @CsvSource({
        "EXECUTE, ENOENT, 127",
        "EXECUTE, EACCES, 126",
        "EXECUTE, ENOEXEC, 126",
        "EXECUTE, E2BIG, 125",
        "MOUNT, ENOENT, 125",
        "WORK_DIRECTORY, EACCES, 125"
    })
    void aFailedLaunchHasTheStatusThatShellsGiveIt(SetupStep step, String errno, int status) {
        assertThat(ExitStatus.of(new SandboxLaunchException(step, -1, "x", 1, errno, "")))
                .isEqualTo(status);
    }

    @Test
    void otherFailuresAreTheSandboxs() {
        assertThat(ExitStatus.of(new SandboxException("x"))).isEqualTo(125);
        assertThat(ExitStatus.of(new IllegalArgumentException("x"))).isEqualTo(125);
    }

    @Test
    void aLimitIsNamedWithItsValue() {
        assertThat(message(Limit.WALL_TIME, NONE.wallTime(Duration.ofSeconds(5))))
                .isEqualTo("WALL_TIME limit of 5s reached");
        assertThat(message(Limit.CPU_TIME, NONE.cpuTime(Duration.ofMillis(1500))))
                .isEqualTo("CPU_TIME limit of 1.5s reached");
        assertThat(message(Limit.CPU_TIME, NONE.rlimit(Rlimit.CPU, new RlimitValue(2, 3))))
                .isEqualTo("CPU_TIME limit of 2s reached");
        assertThat(message(Limit.OUTPUT, NONE.output(Bytes.mebibytes(1))))
                .isEqualTo("OUTPUT limit of 1 MiB reached");
        assertThat(message(Limit.MEMORY, NONE.memory(Bytes.of(4097))))
                .isEqualTo("MEMORY limit of 4097 B reached");
        assertThat(message(Limit.PIDS, NONE.pids(3))).isEqualTo("PIDS limit of 3 reached");
        assertThat(message(Limit.DISK, NONE)).isEqualTo("DISK limit reached");
        assertThat(message(Limit.IDLE, NONE.idleTime(Duration.ofSeconds(3))))
                .isEqualTo("IDLE limit of 3s reached");
    }

    @Test
    void aLimitIsToldWithItsEvidence() {
        assertThat(
                        Messages.of(
                                new Outcome.LimitReached(Limit.MEMORY),
                                NONE.memory(Bytes.mebibytes(64)),
                                List.of(
                                        new Evidence("memory.events", "oom_kill 1"),
                                        new Evidence("wait status", "signal 9 (KILL)"))))
                .contains(
                        "MEMORY limit of 64 MiB reached (memory.events: oom_kill 1, wait status:"
                                + " signal 9 (KILL))");
    }

    @Test
    void aForbiddenCallIsNamed() {
        assertThat(Messages.of(new Outcome.PolicyViolated("bpf"), NONE, List.of()))
                .contains("forbidden system call: bpf");
    }

    @Test
    void anEndThatTheStatusTellsNeedsNoWords() {
        assertThat(Messages.of(new Outcome.Exited(1), NONE, PROOF)).isEmpty();
        assertThat(Messages.of(new Outcome.Signalled(Signal.KILL), NONE, PROOF)).isEmpty();
        assertThat(Messages.of(new Outcome.Cancelled(Duration.ZERO), NONE, PROOF)).isEmpty();
    }

    @Test
    void aFailureOfAFileIsToldInWords() {
        assertThat(
                        Messages.of(
                                new UncheckedIOException(
                                        "cannot read x", new NoSuchFileException("x"))))
                .isEqualTo("cannot read x: no such file or directory");
        assertThat(Messages.reason(new AccessDeniedException("x"))).isEqualTo("permission denied");
    }

    @Test
    void aLibraryThatCannotBeLoadedIsToldByItsCause() {
        assertThat(
                        Messages.of(
                                new ExceptionInInitializerError(
                                        new IllegalCallerException("Illegal native access"))))
                .isEqualTo("the library cannot be used here: Illegal native access");
    }
}
