package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;
import static io.cloister.sandbox.linux.kernel.Victims.with;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.Bind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/// The domain of Landlock is in force by itself, where mounts, users and the filter would let the
/// program pass.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LandlockTest {

    @TempDir Path directory;

    @BeforeEach
    void everyoneMayComeIn() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static String landlock(SandboxResult result) {
        return result.enforced().stream()
                .filter(e -> e.item().equals("landlock"))
                .map(Enforcement::toString)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatItDoesIsTold() {
        SandboxResult result = run(strict(), victim("exit", "0"));
        String told = landlock(result);
        int abi = Host.landlock();
        assertThat(result.enforced())
                .filteredOn(e -> e.item().equals("landlock"))
                .singleElement()
                .extracting(Enforcement::holds)
                .isEqualTo(!told.startsWith("landlock not "));
        if (abi == 0) {
            assertThat(told).startsWith("landlock not there (");
        } else if (abi >= 6) {
            assertThat(told)
                    .matches(
                            "landlock ABI \\d+, \\d+ paths, signals and abstract sockets of its"
                                    + " own only \\(landlock\\)")
                    .contains("ABI " + abi + ",");
        }
    }

    /// A read-only mount does not keep anyone from writing into a FIFO.
    @Test
    void aFifoInAReadOnlyTreeCannotBeWrittenTo() throws IOException {
        Host.needsLandlock(2);
        Path fifo = directory.resolve("fifo");
        Host.output(java.util.List.of("mkfifo", "-m", "666", fifo.toString()));
        Sandbox.Builder readOnly = strict().readOnly(directory, "/work");
        assertThat(shell(readOnly, "exec 3<>/work/fifo; echo reached")).exited(2).printed("");
        Sandbox.Builder writable = strict().writable(directory, "/work");
        assertThat(printed(writable, "exec 3<>/work/fifo; echo reached")).isEqualTo("reached\n");
    }

    /// A descriptor leads past every mount; opened again it may be more than what was handed in.
    @Test
    void aDescriptorThatWasHandedInCannotBeOpenedAgain() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            assertThat(open.length()).isEqualTo(6);
            var command = victim("reopen", "5").descriptor(5, Descriptors.of(file));
            assertThat(run(strict(), command))
                    .exited(Host.landlock() >= 2 ? Errno.EACCES.number() : 0)
                    .text()
                    .startsWith("s");
        }
    }

    @Test
    void aDataDirectoryIsNotExecutedFrom() throws IOException {
        Host.needsLandlock(2);
        Path program = directory.resolve("victim");
        Files.copy(Victims.path(), program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Sandbox.Builder data = strict().mount(Bind.readOnly(directory, "/data").noexec());
        assertThat(shell(data, "/data/victim exit 3")).exited(126);
        assertThat(shell(strict().readOnly(directory, "/data"), "/data/victim exit 3")).exited(3);
    }

    @Test
    void itsOwnPlacesAreItsToChange() {
        String script =
                "cd /tmp && mkdir a b && echo x > a/f && mv a/f b/f && ln b/f a/g && rm b/f"
                        + " && : > a/g && mkfifo p && ln -s a l && rm -r a b p l && echo y >"
                        + " /dev/shm/z && echo 500 > /proc/self/oom_score_adj && echo n >"
                        + " /proc/self/comm && cat /dev/stdin && head -c 1 /dev/zero > /dev/null"
                        + " && echo done";
        assertThat(printed(strict(), script)).isEqualTo("done\n");
    }

    @Test
    void onTheHostsMountsItsUserMayDoWhatHeMayDo() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        String script = "echo x > " + file + " && cat " + file;
        assertThat(printed(Sandbox.builder().hostMount(), script)).isEqualTo("x\n");
    }

    @Test
    void aProcessOutsideCannotBeSignalled() {
        Host.needsLandlock(6);
        // Its first process, which has its user, and is outside of the domain.
        assertThat(run(strict(), Victims.call("kill", 1, 0))).failedWith(Errno.EPERM);
        assertThat(run(strict(), victim("killchild"))).exited(0);
        assertThat(shell(strict(), "sleep 60 & kill $! && wait $!")).exited(143);
    }

    @Test
    void aProcessOfTheHostCannotBeSignalledByItsOwnUser() throws IOException {
        Host.needsOrdinaryUser();
        Host.needsLandlock(6);
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            var builder = with(Sandbox.builder().hostPid());
            assertThat(run(builder, Victims.call("kill", other.pid(), 0))).failedWith(Errno.EPERM);
            assertThat(Victims.onHost("sys", "kill", "" + other.pid(), "0")).isZero();
        } finally {
            other.destroyForcibly().onExit().join();
        }
    }

    @Test
    void aProgramCanHaveADomainOfItsOwn() {
        Host.needsLandlock(1);
        // landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION)
        assertThat(run(strict(), Victims.call("444", 0, 0, 1))).exited(0);
    }
}
