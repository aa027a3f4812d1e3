package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertLaunchFails;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// The tree that a sandbox has without binds.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FilesystemTest {

    private static final Set<String> ETC =
            Set.of(
                    "ld.so.cache",
                    "ld.so.conf",
                    "ld.so.conf.d",
                    "alternatives",
                    "java",
                    "ssl",
                    "pki",
                    "ca-certificates",
                    "crypto-policies",
                    "localtime",
                    "timezone",
                    "os-release",
                    "services",
                    "protocols",
                    "passwd",
                    "group",
                    "hosts",
                    "hostname",
                    "nsswitch.conf");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/root",
                "/etc/shadow",
                "/etc/gshadow",
                "/etc/sudoers",
                "/boot",
                "/sys",
                "/mnt",
                "/etc/ssh",
                "/etc/machine-id",
                "/etc/ssl/private",
                "/srv",
                "/opt"
            })
    void openingAFileOfTheHostFailsWithEnoent(String path) {
        assertThat(run(strict(), victim("open", path))).failedWith(Errno.ENOENT);
    }

    @Test
    void openingAFileOfTheHostsTemporaryDirectoryFailsWithEnoent(@TempDir Path directory)
            throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        assertThat(run(strict(), victim("open", file.toString()))).failedWith(Errno.ENOENT);
        assertThat(run(strict().readOnly(file), victim("open", file.toString()))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/bin/env", "/etc/passwd", "/dev/null", "/proc/self/status"})
    void openingAFileThatIsShownSucceeds(String path) {
        assertThat(run(strict(), victim("open", path))).exited(0);
    }

    @Test
    void theRootHasNothingElse() {
        Set<String> names = new TreeSet<>(List.of(printed(strict(), "ls -A /").split("\n")));
        assertThat(names)
                .isSubsetOf(
                        "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "dev",
                        "proc", "tmp", "run", "var", "home", "victim")
                .contains("usr", "etc", "dev", "proc", "tmp", "run", "var", "home", "victim");
        assertThat(printed(strict(), "ls -A /home /run /tmp /dev/shm"))
                .isEqualTo("/dev/shm:\n\n/home:\n\n/run:\n\n/tmp:\n");
    }

    @Test
    void etcHasNothingElse() {
        assertThat(printed(strict(), "ls -A /etc").lines())
                .allMatch(name ->
                        ETC.contains(name)
                                || name.startsWith("java-")
                                || name.startsWith("ld-musl-"));
        assertThat(printed(strict(), "ls -A /etc/ssl 2>/dev/null || true").lines())
                .allMatch(name -> Set.of("certs", "openssl.cnf").contains(name));
    }

    @Test
    void usersOfTheHostAreNotNamed() {
        assertThat(printed(strict(), "cat /etc/passwd; id -un"))
                .isEqualTo(
                        """
                        root:x:0:0:root:/root:/bin/sh
                        sandbox:x:1000:1000:sandbox:/tmp:/bin/sh
                        nobody:x:65534:65534:nobody:/nonexistent:/bin/false
                        sandbox
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x", "/usr/x", "/etc/x", "/home/x", "/run/x", "/var/x", "/dev/x"})
    void creatingAFileFailsWithErofs(String path) {
        assertThat(run(strict(), victim("create", path, "644"))).failedWith(Errno.EROFS);
        assertThat(run(strict().user(0, 0), victim("create", path, "644"))).failedWith(Errno.EROFS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/x", "/dev/shm/x", "/var/tmp/x"})
    void creatingAFileInAScratchDirectorySucceeds(String path) {
        assertThat(run(strict(), victim("create", path, "644"))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/etc/hosts", "/etc/hostname"})
    void changingAFileOfTheRootFailsWithErofs(String path) {
        assertThat(run(strict(), victim("write", path, "x"))).failedWith(Errno.EROFS);
        assertThat(run(strict(), Victims.call("fchmodat", -100, "s:" + path, "0777")))
                .failedWith(Errno.EROFS);
    }

    @Test
    void nothingOfOneRunIsThereInTheNext() throws InterruptedException {
        try (var sandbox = strict().build()) {
            assertThat(sandbox.run("/bin/sh", "-c", "echo x > /tmp/x; echo x > /dev/shm/x"))
                    .exited(0);
            assertThat(sandbox.run("/bin/sh", "-c", "ls /tmp /dev/shm"))
                    .exited(0)
                    .printed("/dev/shm:\n\n/tmp:\n");
        }
    }

    @Test
    void scratchIsLimitedInSize() {
        var builder = strict().scratchSize(Bytes.mebibytes(1));
        assertThat(run(builder, victim("fill", "/tmp/x", "2000000"))).reached(Limit.DISK);
        assertThat(run(builder, victim("fill", "/tmp/x", "500000"))).exited(0);
        assertThat(shell(builder, "/victim fill /tmp/x 700000 && /victim fill /dev/shm/x 700000"))
                .reached(Limit.DISK);
    }

    @Test
    void scratchIsLimitedInFiles() {
        var builder = strict().scratchInodes(200);
        assertThat(run(builder, victim("files", "/tmp", "300"))).reached(Limit.DISK);
        assertThat(run(builder, victim("files", "/tmp", "50"))).exited(0);
    }

    @Test
    void aTmpfsIsLimitedInSizeAndFilesAndHasItsMode() {
        var builder = strict().mount(new Tmpfs("/data", Bytes.kibibytes(64), 10, 0700));
        assertThat(run(builder, victim("fill", "/data/x", "100000"))).reached(Limit.DISK);
        assertThat(run(builder, victim("fill", "/data/x", "60000"))).exited(0);
        assertThat(run(builder, victim("files", "/data", "20"))).reached(Limit.DISK);
        assertThat(run(builder, victim("files", "/data", "5"))).exited(0);
        assertThat(run(builder, victim("mode", "/data"))).text().startsWith("700 1000:1000 ");
    }

    @Test
    void filesOfThePolicyAreThere() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < 256; i++) {
            bytes[i] = (byte) i;
        }
        var builder =
                strict().file("/data/deep/bytes", bytes)
                        .mount(
                                new FileContent(
                                        "/data/run.sh", "#!/bin/sh\necho ran".getBytes(), 0755))
                        .file("/data/empty", new byte[0])
                        .mount(new FileContent("/data/secret", new byte[] {1}, 0400));
        var result = run(builder, "/bin/cat", "/data/deep/bytes");
        assertThat(result).exited(0);
        assertThat(result.stdout()).isEqualTo(bytes);
        assertThat(run(builder, "/data/run.sh")).exited(0).printed("ran\n");
        assertThat(run(builder, victim("mode", "/data/deep/bytes"))).printed("644 1000:1000 256\n");
        assertThat(run(builder, victim("mode", "/data/empty"))).printed("644 1000:1000 0\n");
        assertThat(run(builder, victim("mode", "/data/secret"))).printed("400 1000:1000 1\n");
        assertThat(run(builder, victim("write", "/data/deep/bytes", "x"))).failedWith(Errno.EROFS);
    }

    @Test
    void aFileInATmpfsCanBeChanged() {
        var builder = strict().tmpfs("/data", Bytes.mebibytes(1)).file("/data/x", new byte[] {65});
        assertThat(shell(builder, "echo B >> /data/x && cat /data/x")).exited(0).printed("AB\n");
    }

    @Test
    void aFileOfTenMebibytesArrives() {
        byte[] large = new byte[10 * 1024 * 1024];
        new java.util.Random(1).nextBytes(large);
        var builder = strict().file("/large", large).outputLimit(Bytes.mebibytes(20));
        assertThat(run(builder, "/bin/cat", "/large").stdout()).isEqualTo(large);
    }

    @Test
    void aFileThatDoesNotFitIsNotCutOff() {
        var builder =
                strict().tmpfs("/data", Bytes.kibibytes(256))
                        .file("/data/large", new byte[1024 * 1024]);
        assertLaunchFails(SetupStep.FILE, Errno.ENOSPC, () -> run(builder, "/bin/true"));
    }

    @Test
    void linksAndDirectoriesOfThePolicyAreThere() {
        var builder =
                strict().symlink("/link", "/etc/hostname")
                        .symlink("/dangling", "../nowhere")
                        .mount(new EmptyDirectory("/empty/dir", 01777));
        assertThat(printed(builder, "cat /link; readlink /dangling; ls -A /empty/dir"))
                .isEqualTo("sandbox\n../nowhere\n");
        assertThat(run(builder, victim("mode", "/empty/dir"))).text().startsWith("1777 1000:1000 ");
        assertThat(run(builder, victim("create", "/empty/dir/x", "644"))).failedWith(Errno.EROFS);
    }

    @Test
    void aLinkLeadsNowhereOutside(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("x"), "x");
        var builder = strict().symlink("/link", directory.resolve("x").toString());
        assertThat(run(builder, victim("open", "/link"))).failedWith(Errno.ENOENT);
    }

    @Test
    void startsInTheWorkDirectory() {
        assertThat(printed(strict(), "pwd")).isEqualTo("/tmp\n");
        assertThat(printed(strict().workDirectory("/usr"), "pwd")).isEqualTo("/usr\n");
        var builder = strict().workDirectory("/usr");
        assertThat(run(builder, Command.of("/bin/pwd").workDirectory("/etc"))).printed("/etc\n");
    }

    @Test
    void aMissingWorkDirectoryFailsTheLaunch() {
        assertLaunchFails(
                SetupStep.WORK_DIRECTORY,
                Errno.ENOENT,
                () -> run(strict().workDirectory("/nowhere"), "/bin/true"));
        assertLaunchFails(
                SetupStep.WORK_DIRECTORY,
                Errno.ENOTDIR,
                () -> run(strict().workDirectory("/etc/passwd"), "/bin/true"));
    }

    @Test
    void nothingLeadsOutOfTheRoot() {
        assertThat(run(strict(), victim("escape"))).exited(0).printed("/\n");
        assertThat(printed(strict(), "cd /../../..; ls -A; cd -P /proc/self/root; pwd"))
                .doesNotContain("root\n");
        assertThat(shell(strict(), "ls /proc/self/cwd/../../root")).exited(2);
        assertThat(shell(strict(), "ls /proc/1/root/root")).exited(2);
        assertThat(shell(strict(), "ls /proc/self/root/usr")).exited(0);
    }

    @Test
    void noDescriptorOfTheHostIsADirectory() {
        assertThat(
                        shell(
                                strict(),
                                "ls -l /proc/self/fd; for i in 0 1 2 3 4 5 6 7 8 9; do"
                                        + " test -d /proc/self/fd/$i/. && exit 9; done; exit 0"))
                .exited(0);
    }

    @Test
    void mountsTellNoPathOfTheHost(@TempDir Path directory) throws IOException {
        Path secret = Files.createDirectory(directory.resolve("secret"));
        Path shown = Files.createDirectory(secret.resolve("shown"));
        String mounts = printed(strict().readOnly(shown, "/shown"), "cat /proc/self/mountinfo");
        assertThat(mounts).contains(" /shown ");
        // The root field of a bind is its own path on its file system; nothing else of it shows.
        List<String> others =
                mounts.lines()
                        .filter(line -> !line.contains(" /shown "))
                        .filter(line -> line.contains("secret") || line.contains("junit"))
                        .toList();
        assertThat(others).isEmpty();
        assertThat(mounts.lines().map(line -> line.split(" ")[4]))
                .noneMatch(point -> point.startsWith("/root") || point.startsWith("/sys"));
    }
}
