package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertLaunchFails;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.policy.ProcFilesystem;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A directory of the host as the root: nothing but a static program in it.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DirectoryRootTest {

    @TempDir Path root;

    @BeforeEach
    void tree() throws IOException {
        for (String name : List.of("dev", "proc", "tmp", "etc", "work")) {
            Files.createDirectory(root.resolve(name));
        }
        Files.copy(Victims.path(), root.resolve("victim"));
        Files.writeString(root.resolve("etc/motd"), "x");
    }

    private Sandbox.Builder readOnly() {
        return Sandbox.builder().root(root);
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.sorted().toList();
        }
    }

    @Test
    void programsOfTheDirectoryRun() throws IOException {
        List<Path> before = entries();
        assertThat(run(readOnly(), victim("open", "/etc/motd"))).exited(0);
        assertThat(run(readOnly(), victim("open", "/usr"))).failedWith(Errno.ENOENT);
        assertThat(entries()).isEqualTo(before);
    }

    @Test
    void theDirectoryIsReadOnly() {
        assertThat(run(readOnly(), victim("create", "/x", "644"))).failedWith(Errno.EROFS);
        assertThat(run(readOnly(), victim("write", "/etc/motd", "y"))).failedWith(Errno.EROFS);
        assertThat(run(readOnly(), victim("create", "/tmp/x", "644"))).exited(0);
        assertThat(run(readOnly(), victim("create", "/dev/shm/x", "644"))).exited(0);
        assertThat(root.resolve("tmp/x")).doesNotExist();
    }

    @Test
    void theDirectoryIsWritableIfThePolicySaysSo() throws IOException {
        Sandbox.Builder builder = Sandbox.builder().writableRoot(root);
        assertThat(run(builder, victim("create", "/etc/x", "644"))).exited(0);
        assertThat(Files.getAttribute(root.resolve("etc/x"), "unix:uid"))
                .isEqualTo(Files.getAttribute(root, "unix:uid"));
        assertThat(run(builder, victim("create", "/tmp/x", "644"))).exited(0);
        assertThat(root.resolve("tmp/x")).doesNotExist();
    }

    @Test
    void ithasDevicesAndProcesses() {
        assertThat(run(readOnly(), victim("read", "/dev/zero"))).exited(0).printed("1\n");
        assertThat(run(readOnly(), victim("write", "/dev/null", "x"))).exited(0);
        assertThat(run(readOnly(), victim("read", "/proc/self/status"))).exited(0);
        assertThat(run(readOnly(), victim("read", "/proc/1/mem"))).failedWith(Errno.EACCES);
    }

    @Test
    void mountsGoIntoTheDirectory(@TempDir Path other) throws IOException {
        Files.writeString(other.resolve("in"), "x");
        assertThat(run(readOnly().readOnly(other, "/work"), victim("open", "/work/in"))).exited(0);
        assertThat(
                        run(
                                readOnly().tmpfs("/work", Bytes.mebibytes(1)),
                                victim("create", "/work/x", "644")))
                .exited(0);
        assertThat(root.resolve("work")).isEmptyDirectory();
    }

    @Test
    void aLinkInTheDirectoryDoesNotMisleadAMount(@TempDir Path other) throws IOException {
        Files.createSymbolicLink(root.resolve("way"), other);
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.ELOOP,
                () -> run(readOnly().readOnly(other, "/way"), victim("exit", "0")));
    }

    @Test
    void aLinkInPlaceOfProcOrTmpDoesNotMisleadAMount(@TempDir Path other) throws IOException {
        Files.delete(root.resolve("proc"));
        Files.createSymbolicLink(root.resolve("proc"), other);
        assertLaunchFails(SetupStep.PROC, Errno.ELOOP, () -> run(readOnly(), victim("exit", "0")));
        Files.delete(root.resolve("tmp"));
        Files.createSymbolicLink(root.resolve("tmp"), other);
        assertLaunchFails(SetupStep.MOUNT, Errno.ELOOP, () -> run(readOnly(), victim("exit", "0")));
        assertThat(other).isEmptyDirectory();
    }

    @Test
    void aMissingMountPointFailsTheLaunch() throws IOException {
        Files.delete(root.resolve("proc"));
        assertLaunchFails(SetupStep.PROC, Errno.ENOENT, () -> run(readOnly(), victim("exit", "0")));
        Sandbox.Builder without =
                readOnly().proc(ProcFilesystem.standard().view(ProcFilesystem.View.ABSENT));
        assertThat(run(without, victim("exit", "7"))).exited(7);
    }

    @Test
    void aMissingDirectoryFailsTheLaunch() {
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.ENOENT,
                () -> run(Sandbox.builder().root(root.resolve("none")), victim("exit", "0")));
    }
}
