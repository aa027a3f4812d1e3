package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertLaunchFails;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.policy.Bind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Files and directories of the host inside.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BindTest {

    @TempDir Path directory;

    @BeforeEach
    void files() throws IOException {
        Files.writeString(directory.resolve("in.txt"), "hello\n");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("in.txt"));
    }

    private Sandbox.Builder readOnly() {
        return strict().readOnly(directory, "/work");
    }

    private Sandbox.Builder writable() {
        return strict().writable(directory, "/work");
    }

    private Object attribute(String name, String attribute) throws IOException {
        return Files.getAttribute(directory.resolve(name), "unix:" + attribute);
    }

    @Test
    void aReadOnlyBindCanBeReadAndNotChanged() throws IOException {
        assertThat(run(readOnly(), "/bin/cat", "/work/in.txt")).exited(0).printed("hello\n");
        assertThat(run(readOnly(), victim("write", "/work/in.txt", "x"))).failedWith(Errno.EROFS);
        assertThat(run(readOnly(), victim("create", "/work/x", "644"))).failedWith(Errno.EROFS);
        assertThat(shell(readOnly(), "rm -f /work/in.txt")).exited(1);
        assertThat(directory.resolve("in.txt")).hasContent("hello");
    }

    @Test
    void aWritableBindChangesTheHostAsTheOwnerOfTheDirectory() throws IOException {
        assertThat(shell(writable(), "echo x > /work/out && mkdir /work/dir && rm /work/in.txt"))
                .exited(0);
        assertThat(directory.resolve("out")).hasContent("x");
        assertThat(directory.resolve("in.txt")).doesNotExist();
        assertThat(attribute("out", "uid")).isEqualTo(attribute("", "uid"));
        assertThat(attribute("out", "gid")).isEqualTo(attribute("", "gid"));
        assertThat(attribute("dir", "uid")).isEqualTo(attribute("", "uid"));
    }

    @Test
    void aWritableBindOfAnotherOwnerIsChangedAsThatOwner() throws IOException {
        Host.needsRoot();
        Files.setAttribute(directory, "unix:uid", 4321);
        Files.setAttribute(directory, "unix:gid", 8765);
        try {
            assertThat(run(writable(), victim("create", "/work/out", "600"))).exited(0);
            assertThat(run(writable(), victim("mode", "/work"))).text().contains(" 1000:1000 ");
            assertThat(attribute("out", "uid")).isEqualTo(4321);
            assertThat(attribute("out", "gid")).isEqualTo(8765);
        } finally {
            Files.setAttribute(directory, "unix:uid", 0);
        }
    }

    @Test
    void filesOfOthersInAWritableBindStayTheirs() throws IOException {
        Host.needsRoot();
        Files.setAttribute(directory, "unix:uid", 4321);
        Path foreign = Files.writeString(directory.resolve("foreign"), "x");
        Files.setAttribute(foreign, "unix:gid", 1);
        Files.setPosixFilePermissions(foreign, PosixFilePermissions.fromString("rw-------"));
        assertThat(run(writable(), victim("open", "/work/foreign"))).failedWith(Errno.EACCES);
        assertThat(run(writable(), victim("mode", "/work/foreign")))
                .text()
                .startsWith("600 65534:65534 ");
    }

    @Test
    void aDirectoryClosedToOthersCanBeBound() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        assertThat(run(readOnly(), "/bin/cat", "/work/in.txt")).exited(0).printed("hello\n");
        assertThat(run(writable(), victim("create", "/work/x", "644"))).exited(0);
    }

    @Test
    void aFileClosedToOthersCanBeBound() throws IOException {
        Path file = directory.resolve("in.txt");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(run(strict().readOnly(file, "/in"), "/bin/cat", "/in")).printed("hello\n");
        assertThat(run(strict().readOnly(file, "/in"), victim("write", "/in", "x")))
                .failedWith(Errno.EROFS);
        assertThat(run(strict().writable(file, "/in"), victim("write", "/in", "HE"))).exited(0);
        assertThat(file).hasContent("HEllo");
    }

    @Test
    void aMissingSourceFailsTheLaunchUnlessItIsOptional() {
        Path missing = directory.resolve("missing");
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.ENOENT,
                () -> run(strict().readOnly(missing, "/in"), "/bin/true"));
        var builder = strict().mount(Bind.readOnly(missing, "/in").skipIfMissing());
        assertThat(run(builder, victim("open", "/in"))).failedWith(Errno.ENOENT);
    }

    @Test
    void nothingIsExecutedFromANoexecBind() throws IOException {
        Files.copy(Path.of("/bin/true"), directory.resolve("program"));
        Bind bind = Bind.readOnly(directory, "/work");
        assertThat(run(strict().mount(bind), "/work/program")).exited(0);
        assertLaunchFails(
                SetupStep.EXECUTE,
                Errno.EACCES,
                () -> run(strict().mount(bind.noexec()), "/work/program"));
        assertThat(shell(strict().mount(bind.noexec()), "/work/program")).exited(126);
    }

    @Test
    void linksOfANosymfollowBindAreNotFollowed() {
        Bind bind = Bind.readOnly(directory, "/work");
        assertThat(run(strict().mount(bind), victim("open", "/work/link"))).exited(0);
        assertThat(run(strict().mount(bind.nosymfollow()), victim("open", "/work/link")))
                .failedWith(Errno.ELOOP);
        assertThat(run(strict().mount(bind.nosymfollow()), victim("open", "/work/in.txt")))
                .exited(0);
    }

    @Test
    void deviceFilesOfABindDoNotWorkUnlessAllowed() {
        Host.needsRoot();
        Path device = directory.resolve("device");
        assertThat(Victims.onHost("sys", "mknodat", "-100", "s:" + device, "020666", "0x103"))
                .isZero();
        Bind bind = Bind.readOnly(directory, "/work");
        assertThat(shell(strict().mount(bind), "chmod 666 /work/device; exit 0")).exited(0);
        assertThat(Victims.onHost("sys", "fchmodat", "-100", "s:" + device, "0666")).isZero();
        assertThat(run(strict().mount(bind), victim("open", "/work/device")))
                .failedWith(Errno.EACCES);
        assertThat(run(strict().mount(bind.allowDevices()), victim("open", "/work/device")))
                .exited(0);
    }

    @Test
    void aDeviceCannotBeMade() {
        String path = "s:/work/device";
        assertThat(run(writable(), Victims.call("mknodat", -100, path, "020666", "0x103")))
                .failedWith(Host.landlock() >= 2 ? Errno.EACCES : Errno.EPERM);
        assertThat(run(writable(), Victims.call("mknodat", -100, path, "010666", 0))).exited(0);
    }

    @Test
    void aDescriptorCanBeBound() throws IOException {
        Files.setPosixFilePermissions(
                directory.resolve("in.txt"), PosixFilePermissions.fromString("rw-rw-rw-"));
        try (FileInputStream stream = new FileInputStream(directory.resolve("in.txt").toFile())) {
            int number = Descriptors.of(directory.resolve("in.txt"));
            var builder = strict().mount(Bind.readOnly(number, "/in"));
            assertThat(run(builder, "/bin/cat", "/in")).exited(0).printed("hello\n");
            assertThat(run(builder, victim("write", "/in", "x"))).failedWith(Errno.EROFS);
            assertThat(stream.read()).isEqualTo('h');
        }
    }

    @Test
    void aDescriptorThatIsNotOpenFailsTheLaunch() {
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.EBADF,
                () -> run(strict().mount(Bind.readOnly(100_000, "/in")), "/bin/true"));
    }

    @Test
    void aDirectoryInABindIsCoveredByALaterMount() throws IOException {
        Files.createDirectory(directory.resolve("sub"));
        Files.writeString(directory.resolve("sub/x"), "covered");
        var builder = readOnly().tmpfs("/work/sub", io.cloister.sandbox.Bytes.mebibytes(1));
        assertThat(printed(builder, "ls -A /work/sub; echo y > /work/sub/y; cat /work/sub/y"))
                .isEqualTo("y\n");
        assertThat(directory.resolve("sub")).isDirectoryContaining("glob:**x");
        assertThat(directory.resolve("sub/y")).doesNotExist();
    }

    @Test
    void noMountPointIsMadeInATreeOfTheHost() {
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.ENOENT,
                () -> run(writable().readOnly(Path.of("/usr/bin"), "/work/new"), "/bin/true"));
        assertThat(directory.resolve("new")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/work/way", "/work/way/below"})
    void aLinkOnTheWayToAMountPointIsRefused(String point, @TempDir Path elsewhere)
            throws IOException {
        Files.createDirectory(elsewhere.resolve("below"));
        Files.createSymbolicLink(directory.resolve("way"), elsewhere);
        for (var builder :
                new Sandbox.Builder[] {
                    writable().readOnly(Path.of("/usr/bin"), point),
                    writable().tmpfs(point, io.cloister.sandbox.Bytes.mebibytes(1))
                }) {
            assertLaunchFails(SetupStep.MOUNT, Errno.ELOOP, () -> run(builder, "/bin/true"));
        }
        try (Stream<Path> files = Files.list(elsewhere)) {
            assertThat(files).containsExactly(elsewhere.resolve("below"));
        }
    }

    @Test
    void aMountPointOfTheWrongKindIsRefused() {
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.EINVAL,
                () -> run(readOnly().readOnly(Path.of("/usr/bin"), "/work/in.txt"), "/bin/true"));
    }

    @Test
    void aSourceThatIsALinkIsRefused() throws IOException {
        Path target = Files.createDirectory(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("way"), target);
        assertLaunchFails(
                SetupStep.MOUNT,
                Errno.ELOOP,
                () -> run(strict().readOnly(link, "/other"), "/bin/true"));
        assertThat(shell(strict().readOnly(target, "/other"), "test -d /other")).exited(0);
    }

    @Test
    void aMountBelowAReadOnlyBindIsReadOnlyToo() {
        Path shm = Path.of("/dev/shm");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.isWritable(shm), "no writable mount at /dev/shm");
        var builder = strict().readOnly(Path.of("/dev"), "/host-dev");
        assertThat(run(builder, victim("create", "/host-dev/shm/" + Host.token(), "644")))
                .failedWith(Errno.EROFS);
        assertThat(run(builder, victim("create", "/dev/shm/x", "644"))).exited(0);
    }

    @Test
    void nothingIsLeftAtTheMountPointOnTheHost() {
        long before = Host.mounts();
        assertThat(run(writable(), "/bin/true")).exited(0);
        assertThat(Host.mounts()).isEqualTo(before);
    }
}
