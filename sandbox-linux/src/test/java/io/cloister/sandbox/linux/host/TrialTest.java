package io.cloister.sandbox.linux.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.LinuxSandboxProvider;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.syscall.SyscallHandlers;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.function.Supplier;

/// The trial tells every kind of failure, and passes where a sandbox really runs.
class TrialTest {
    /// A provider whose `open` does this.
    private record Provider(Supplier<SandboxBackend> opening) implements SandboxProvider {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public boolean isSupported() {
            return true;
        }

        @Override
        public HostReport probe() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
            return opening.get();
        }
    }

    private static Trial failing(RuntimeException failure) {
        return Trial.run(
                new Provider(() -> {
                    throw failure;
                }));
    }

    private static SandboxLaunchException launch(SetupStep step, int errno, String name) {
        return new SandboxLaunchException(step, -1, "x", errno, name, "look there");
    }

    @Test
    void aFailedStepIsTheDetailAndItsHintTheRemedy() {
        assertThat(failing(launch(SetupStep.CREATE_NAMESPACES, 1, "EPERM")))
                .isEqualTo(
                        new Trial(
                                false,
                                "create namespaces (x) failed: EPERM (errno 1)",
                                "look there",
                                false));
    }

    @Test
    void whatTheHostLacksIsTheDetail() {
        assertThat(failing(new SandboxUnavailableException("no", "that", "get it")))
                .isEqualTo(new Trial(false, "no", "get it", false));
    }

    @Test
    void aHostWithoutTheProgramCanRunSandboxes() {
        Trial trial = failing(launch(SetupStep.EXECUTE, 2, "ENOENT"));

        assertThat(trial.passed()).isTrue();
        assertThat(trial.feature().detail()).contains("has no program `true`");
    }

    @Test
    void refusedNativeAccessIsToldFromOtherFailures() {
        Throwable refusal = new IllegalCallerException("Illegal native access");

        assertThat(failing(new IllegalStateException(refusal)).refused()).isTrue();
        assertThat(failing(new IllegalStateException("other")).refused()).isFalse();
        assertThat(
                        Trial.run(
                                        new Provider(() -> {
                                            throw new ExceptionInInitializerError(refusal);
                                        }))
                                .refused())
                .isTrue();
    }

    @Test
    @Tag("kernel")
    void theReportOfThisHostProvesThatSandboxesRun() {
        HostReport report = new LinuxSandboxProvider().probe();

        assertThat(report.canRun()).as(report.toString()).isTrue();
        assertThat(report.features().getLast().status()).isEqualTo(Status.AVAILABLE);
        assertThat(report.features().getLast().detail()).contains("ran `true` in", " ms");
    }

    @Test
    @Tag("kernel")
    void aSysctlIsReadWhole() throws Exception {
        String path = "/proc/sys/kernel/pid_max";
        Process cat = new ProcessBuilder("cat", path).start();
        String whole = new String(cat.getInputStream().readAllBytes());
        assertThat(cat.waitFor()).isZero();

        assertThat(whole.strip().length()).isGreaterThan(1);
        assertThat(new RunningHost().text(path)).contains(whole);
        assertThat(new RunningHost().number(path)).contains(Long.parseLong(whole.strip()));
    }
}
