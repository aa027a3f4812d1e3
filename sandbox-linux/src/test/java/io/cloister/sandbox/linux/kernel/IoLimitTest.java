package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.DeviceIo;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The rate at which a run reads from and writes to a block device is limited.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IoLimitTest {

    private static final Bytes MUCH = Bytes.gibibytes(8);

    @TempDir Path directory;

    @BeforeEach
    void needsADevice() throws IOException {
        Cgroups.assume("io");
        String type = Files.getFileStore(directory).type();
        Assumptions.assumeTrue(
                type.matches("ext[234]|xfs"),
                "needs a file system on a block device, not " + type + ", for temporary files");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private Sandbox.Builder limited(Bytes writePerSecond) {
        return hogs().writable(directory, "/work")
                .ioLimit(DeviceIo.bytesPerSecond(directory, MUCH, writePerSecond));
    }

    /// Writes 8 MiB past the cache.
    private static SandboxResult written(Sandbox.Builder builder) {
        SandboxResult result = run(builder, hog("direct 8 /work/x"));
        assertThat(result).exited(0);
        return result;
    }

    @Test
    void writesWait() {
        assertThat(written(limited(Bytes.mebibytes(4))).usage().wallTime())
                .isGreaterThan(Duration.ofMillis(1500));
        assertThat(written(limited(MUCH)).usage().wallTime()).isLessThan(Duration.ofMillis(1500));
    }

    @Test
    void whatWasWrittenIsTold() {
        var io = written(limited(MUCH)).usage().io().orElseThrow();
        assertThat(io.written()).isBetween(Bytes.mebibytes(8), Bytes.mebibytes(9));
        assertThat(io.writeOperations()).isPositive();
    }

    @Test
    void whatOneRunWroteIsNotToldOfTheNext() throws InterruptedException {
        try (Sandbox sandbox = limited(MUCH).build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sandbox.run(hog("direct 8 /work/x"))).exited(0);
                var io = sandbox.run(hog("direct 2 /work/x")).usage().io().orElseThrow();
                assertThat(io.written()).isBetween(Bytes.mebibytes(2), Bytes.mebibytes(3));
            }
        }
    }

    @Test
    void whatIsNoDeviceIsRefused() {
        Path none = Path.of("/proc/version");
        assertThatThrownBy(() ->
                        run(
                                hogs().ioLimit(DeviceIo.bytesPerSecond(none, MUCH, MUCH)),
                                hog("burn 1")))
                .hasMessageContaining(none.toString());
    }
}
