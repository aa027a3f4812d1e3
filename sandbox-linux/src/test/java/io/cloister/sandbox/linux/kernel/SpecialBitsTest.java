package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.call;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A program with a writable bind leaves no setuid, setgid or capable file to the host.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SpecialBitsTest {

    private static final int AT_FDCWD = -100;

    @TempDir Path directory;

    @BeforeEach
    void file() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        Files.setAttribute(file, "unix:uid", Files.getAttribute(directory, "unix:uid"));
    }

    @AfterEach
    void noFileHasASpecialBit() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path path : files.toList()) {
                int mode = (int) Files.getAttribute(path, "unix:mode");
                assertThat(mode & 06000).as("mode of " + path).isZero();
            }
        }
    }

    private SandboxResult tried(Command command) {
        Sandbox.Builder builder = strict().writable(directory, "/work").umask(0);
        return run(builder, command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"04755", "02755", "06777"})
    void changingTheModeFailsWithEperm(String mode) {
        assertThat(tried(call("fchmodat", AT_FDCWD, "s:/work/file", mode))).failedWith(Errno.EPERM);
    }

    @Test
    void changingTheModeToAnOrdinaryOneSucceeds() {
        assertThat(tried(call("fchmodat", AT_FDCWD, "s:/work/file", "01755"))).exited(0);
        assertThat(tried(call("fchmodat", AT_FDCWD, "s:/work/file", "0600"))).exited(0);
    }

    @Test
    void theNewerCallIsNoWayAround() {
        var result = tried(call("fchmodat2", AT_FDCWD, "s:/work/file", "04755", 0));
        assertThat(result.outcome().isSuccess()).isFalse();
    }

    @Test
    void theOlderCallIsNoWayAround() {
        assertThat(Runs.shell(strict().writable(directory, "/work"), "chmod 4755 /work/file"))
                .exited(1);
        assertThat(Runs.shell(strict().writable(directory, "/work"), "chmod 755 /work/file"))
                .exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4755", "2755"})
    void creatingWithTheBitFailsWithEperm(String mode) {
        assertThat(tried(victim("create", "/work/new", mode))).failedWith(Errno.EPERM);
        assertThat(tried(victim("create", "/work/ordinary", "755"))).exited(0);
    }

    @Test
    void creatingWithTheBitByOpenat2IsNoWayAround() {
        assertThat(tried(victim("openat2", "/work/new", "4755")).outcome().isSuccess()).isFalse();
    }

    @Test
    void aNamelessFileIsNoWayAround() {
        assertThat(tried(victim("tmpfile", "/work", "4755", "/work/new"))).failedWith(Errno.EPERM);
        assertThat(tried(victim("tmpfile", "/work", "0755", "/work/new"))).exited(0);
    }

    @Test
    void makingANodeWithTheBitFailsWithEperm() {
        assertThat(tried(call("mknodat", AT_FDCWD, "s:/work/node", "0104755", 0)))
                .failedWith(Errno.EPERM);
        assertThat(tried(call("mknodat", AT_FDCWD, "s:/work/node", "0100755", 0))).exited(0);
    }

    @Test
    void makingADirectoryWithTheBitIsNoWayAround() {
        var result = tried(call("mkdirat", AT_FDCWD, "s:/work/dir", "02777"));
        // mkdir(2) ignores the bits that are not permissions.
        assertThat(result.outcome()).isNotNull();
    }

    @Test
    void fileCapabilitiesCannotBeSet() {
        // struct vfs_cap_data, revision 2, of zeros: refused before it is looked at.
        Command command = call("setxattr", "s:/work/file", "s:security.capability", "z:20", 20, 0);
        assertThat(tried(command).outcome().isSuccess()).isFalse();
        assertThat(tried(call("setxattr", "s:/work/file", "s:user.x", "z:4", 4, 0)).outcome())
                .satisfiesAnyOf(
                        outcome -> assertThat(outcome.isSuccess()).isTrue(),
                        // EOPNOTSUPP: a file system without user attributes.
                        outcome -> assertThat(outcome.toString()).contains("95"));
    }

    @Test
    void theOwnerCannotBeChanged() {
        assertThat(tried(call("fchownat", AT_FDCWD, "s:/work/file", 0, 0, 0)).outcome().isSuccess())
                .isFalse();
        assertThat(tried(call("fchownat", AT_FDCWD, "s:/work/file", 1000, 1000, 0))).exited(0);
    }
}
