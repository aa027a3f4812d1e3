package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.EmptyDirectory;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A launch may fail at many steps; after each nothing of it is left.
@Tag("kernel")
@Timeout(value = 8, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailingStepTest {

    private static final Command TRUE = Command.of("/bin/true");

    /// A launch that fails, by the step that fails.
    record Failure(Supplier<Sandbox.Builder> builder, Command command) {
        void happen() {
            run(builder.get(), command);
        }
    }

    static Map<SetupStep, Failure> failures() {
        Map<SetupStep, Failure> map = new EnumMap<>(SetupStep.class);
        Path nowhere = Path.of("/nowhere");
        map.put(
                SetupStep.OPEN_STREAMS,
                new Failure(Victims::strict, TRUE.stdout(Output.file(nowhere.resolve("x")))));
        map.put(
                SetupStep.MOUNT,
                new Failure(() -> strict().mount(Bind.readOnly(nowhere, "/in")), TRUE));
        map.put(
                SetupStep.FILE,
                new Failure(
                        () ->
                                strict().tmpfs("/data", Bytes.kibibytes(64))
                                        .file("/data/x", new byte[200_000]),
                        TRUE));
        map.put(
                SetupStep.WORK_DIRECTORY,
                new Failure(() -> strict().workDirectory("/nowhere"), TRUE));
        map.put(SetupStep.EXECUTE, new Failure(Victims::strict, Command.of("/nowhere")));
        return map;
    }

    @Test
    void aFailedStepIsNamedAndLeavesNothing() {
        for (int i = 0; i < 3; i++) {
            failures().values().forEach(FailingStepTest::failed);
            assertThat(run(strict(), victim("exit", "3"))).exited(3);
        }
        long mounts = Host.mounts();
        long processes = Host.descendants();
        int descriptors = Host.descriptors().size();
        for (int i = 0; i < 15; i++) {
            failures()
                    .forEach((step, failure) -> {
                        assertThat(failed(failure).step()).isEqualTo(step);
                        assertThat(run(strict(), victim("exit", "3"))).exited(3);
                    });
        }
        assertThat(Host.mounts()).isEqualTo(mounts);
        // A launch that overlaps with the end of another may need one more launcher.
        int more = 4 * Runtime.getRuntime().availableProcessors();
        Host.awaitDescendants(processes + more);
        assertThat(Host.descriptors().size()).isLessThanOrEqualTo(descriptors + 4 * more);
    }

    private static SandboxLaunchException failed(Failure failure) {
        var seen = new SandboxLaunchException[1];
        assertThatThrownBy(failure::happen)
                .isInstanceOfSatisfying(SandboxLaunchException.class, e -> seen[0] = e);
        return seen[0];
    }

    @Test
    void theMessageSaysStepNumberPathsAndErrno() {
        assertThatThrownBy(
                        () -> run(strict().mount(Bind.readOnly(Path.of("/nowhere"), "/in")), TRUE))
                .hasMessageContaining("/nowhere -> /in")
                .hasMessageContaining("ENOENT (errno 2)");
    }

    @Test
    void aCreatedEntryThatIsThereAlreadyIsAnError() {
        var builder =
                strict().symlink("/data/x", "/tmp").mount(new EmptyDirectory("/data/x/y", 0755));
        assertThatThrownBy(() -> run(builder, TRUE)).isInstanceOf(RuntimeException.class);
        assertThat(run(strict().symlink("/data/x", "/tmp"), TRUE)).exited(0);
    }

    /// @return how many launches there were
    private static int endDuringTheLaunch(String token) {
        int launches = 0;
        for (int micros = 1; micros < 4000; micros += 97) {
            var builder = strict().wallTimeLimit(Duration.ofNanos(micros * 1000L));
            var outcome = run(builder, victim("sleep", token)).outcome();
            assertThat(outcome.toString()).isEqualTo("LimitReached[limit=WALL_TIME]");
            launches++;
        }
        return launches;
    }

    @Test
    void aWallTimeThatEndsDuringTheLaunchLeavesNothing() {
        String token = Host.token();
        // The first time, launchers that rested come into use.
        endDuringTheLaunch(token);
        int before = Host.descriptors().size();
        int launches = 0;
        for (int i = 0; i < 4; i++) {
            launches += endDuringTheLaunch(token);
        }
        // Less than one of each. A launch that overlaps with the end of another may need one more
        // launcher, which holds some thirty.
        int most = before + launches / 2;
        Host.await("close of descriptors", () -> Host.descriptors().size() < most);
        assertThat(Host.processesWith(token)).isEmpty();
    }
}
