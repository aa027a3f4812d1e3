package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/// The memory of the whole tree is limited, whatever it is taken for.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MemoryLimitTest {

    private static final Bytes LIMIT = Bytes.mebibytes(24);

    @BeforeEach
    void needsTheController() {
        Cgroups.assume("memory");
    }

    /// With a file system in memory that is larger than the limit.
    private static Sandbox.Builder limited() {
        return hogs().memoryLimit(LIMIT).tmpfs("/data", Bytes.gibibytes(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "heap 128",
                "shared 128",
                "file 128 /data/x",
                "memfd 128",
                "sysv 128",
                "pipes 48",
                "sockets 64",
                "tables 64",
                "children 96",
                "child 128",
                "heap 128 , stay"
            })
    void aHogEnds(String acts) {
        assertThat(run(limited(), hog(acts))).reached(Limit.MEMORY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "heap 12",
                "shared 12",
                "file 12 /data/x",
                "memfd 12",
                "sysv 12",
                "pipes 12",
                "sockets 8",
                "tables 8",
                "children 10",
                "child 12"
            })
    void oneThatTakesLessDoesNot(String acts) {
        assertThat(run(limited(), hog(acts))).exited(0);
    }

    @Test
    void theEndOfAChildIsThatOfTheRunThoughTheCommandExits() {
        assertThat(run(limited(), hog("child 128 , exit 3"))).reached(Limit.MEMORY);
        assertThat(run(limited(), hog("child 12 , exit 3"))).exited(3);
    }

    @Test
    void aHogAmongTheHostsProcessesEndsToo() {
        assertThat(run(limited().hostPid(), hog("heap 128"))).reached(Limit.MEMORY);
        assertThat(run(limited().hostPid(), hog("heap 12"))).exited(0);
    }

    @Test
    void aFileThatIsReadIsNoHog(@TempDir Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path large = directory.resolve("large");
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(8 * LIMIT.value());
        }
        Files.setPosixFilePermissions(large, PosixFilePermissions.fromString("rw-r--r--"));
        Command reader = Command.of("dd", "if=/large", "of=/dev/null", "bs=1M");
        assertThat(run(limited().readOnly(large, "/large"), reader)).exited(0);
    }

    @Test
    void theNextRunHasItsMemoryAgain() throws InterruptedException {
        try (Sandbox sandbox = limited().build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sandbox.run(hog("heap 128"))).reached(Limit.MEMORY);
                assertThat(sandbox.run(hog("heap 12"))).exited(0);
            }
        }
    }

    @Test
    void theNextRunOfAnotherPolicyHasItsOwnLimit() {
        assertThat(run(limited(), hog("heap 128"))).reached(Limit.MEMORY);
        assertThat(run(limited().memoryLimit(Bytes.mebibytes(256)), hog("heap 128"))).exited(0);
        assertThat(run(limited().unlimitedMemory(), hog("heap 128"))).exited(0);
        assertThat(run(limited(), hog("heap 128"))).reached(Limit.MEMORY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"heap", "shared", "file", "memfd", "sysv", "pipes", "sockets", "children"})
    void theHostHasItsMemoryBack(String act) throws InterruptedException {
        String acts = act.equals("pipes") ? "pipes 60" : act + " 96 /data/x";
        try (Sandbox sandbox = limited().memoryLimit(Bytes.mebibytes(48)).build()) {
            assertThat(sandbox.run(hog(acts))).reached(Limit.MEMORY);
            long before = availableMebibytes();
            for (int i = 0; i < 8; i++) {
                assertThat(sandbox.run(hog(acts))).reached(Limit.MEMORY);
            }
            // Others use the host too: half of what these runs have had.
            long most = 8 * 48 / 2;
            Host.await("memory given back", () -> before - availableMebibytes() < most);
        }
    }

    private static long availableMebibytes() {
        return Host.read("/proc/meminfo")
                .lines()
                .filter(line -> line.startsWith("MemAvailable:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void thePeakIsAboutTheLimit() {
        var usage = run(limited(), hog("heap 128")).usage();
        assertThat(usage.peakMemory().orElseThrow()).isBetween(Bytes.mebibytes(22), LIMIT);
    }
}
