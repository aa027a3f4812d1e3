package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.files.LinuxFiles;
import io.cloister.sandbox.linux.files.Outputs;
import io.cloister.sandbox.linux.program.Linux;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Files of a running sandbox, from outside, through a descriptor of its root.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FilesTest {

    private static final StaticProgram LEASE =
            new StaticProgram(
                    "lease",
                    """
                    #define _GNU_SOURCE
                    #include <fcntl.h>
                    #include <signal.h>
                    #include <stdio.h>
                    #include <unistd.h>

                    int main(int argc, char **argv) {
                        int fd = open(argv[1], O_RDWR | O_CREAT, 0644);
                        signal(SIGIO, SIG_IGN);
                        if (fcntl(fd, F_SETLEASE, F_WRLCK) != 0)
                            return 1;
                        puts("leased");
                        fflush(stdout);
                        pause();
                        return 0;
                    }
                    """);

    private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

    @TempDir Path directory;
    private Path shown;
    private Path work;
    private Sandbox sandbox;
    private SandboxProcess process;
    private LinuxFiles files;

    @BeforeEach
    void start() throws Exception {
        shown = Files.createDirectory(directory.resolve("shown"));
        work = Files.createDirectory(directory.resolve("work"));
        Files.writeString(shown.resolve("f"), "shown");
        sandbox = Sandbox.builder().readOnly(shown, "/shown").writable(work, "/work").build();
        start("echo ready; while read line; do eval \"$line\"; echo done; done");
    }

    private void start(String script) throws IOException {
        process = sandbox.start(Command.of("/bin/sh", "-c", script));
        assertThat(line()).isEqualTo("ready");
        files = LiveFiles.of(process);
    }

    @AfterEach
    void end() {
        files.close();
        sandbox.close();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = process.getInputStream().read();
                c >= 0 && c != '\n';
                c = process.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /// Runs a shell command inside; returns its first line.
    private String inside(String script) throws IOException {
        process.getOutputStream().write((script + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        String first = line();
        if (!first.equals("done")) {
            assertThat(line()).isEqualTo("done");
        }
        return first;
    }

    private static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SandboxFileException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    @Test
    void whatIsWrittenIsThereInsideAndBelongsToTheProgram() throws IOException {
        files.write("/tmp/f", TEXT);
        assertThat(inside("cat /tmp/f; echo")).isEqualTo("text");
        assertThat(inside("stat -c %U:%a /tmp/f")).isEqualTo(inside("id -un") + ":644");
        assertThat(inside("echo more >> /tmp/f; rm /tmp/f && echo gone")).isEqualTo("gone");
    }

    @Test
    void whatIsWrittenToABindBelongsToItsOwner() throws IOException {
        files.write("/work/f", TEXT);
        assertThat(work.resolve("f")).hasContent("text");
        assertThat(Files.getOwner(work.resolve("f"))).isEqualTo(Files.getOwner(work));
    }

    @Test
    void whatTheProgramWritesCanBeReadListedAndDeleted() throws IOException {
        inside("mkdir -p /tmp/d/e; echo 12 > /tmp/d/e/f");
        assertThat(files.read("/tmp/d/e/f")).isEqualTo("12\n".getBytes(StandardCharsets.UTF_8));
        assertThat(files.list("/tmp/d")).hasSize(1);
        assertThat(files.deleteTree(SandboxPath.of("/tmp/d"))).isTrue();
        assertThat(inside("test -e /tmp/d || echo gone")).isEqualTo("gone");
    }

    @Test
    void whatIsShownReadOnlyStaysSo() {
        assertThat(files.read("/shown/f")).isEqualTo("shown".getBytes(StandardCharsets.UTF_8));
        assertRefused(Reason.READ_ONLY, () -> files.write("/shown/f", TEXT));
        assertRefused(Reason.READ_ONLY, () -> files.delete("/shown/f"));
        assertRefused(Reason.READ_ONLY, () -> files.createDirectories("/new"));
        assertThat(shown.resolve("f")).hasContent("shown");
    }

    @Test
    void filesOfTheHostAreNotThere() {
        assertThat(files.exists(directory.toString())).isFalse();
        assertRefused(Reason.NOT_FOUND, () -> files.read(shown.resolve("f").toString()));
    }

    @Test
    void whatTheProgramMayNotReadIsRefusedHereToo() throws IOException {
        Host.needsRoot();
        Path file = Files.writeString(shown.resolve("secret"), "secret");
        Files.setAttribute(file, "unix:mode", 0640);
        assertThat(inside("cat /shown/secret 2>&1 | grep -o denied")).isEqualTo("denied");
        assertRefused(Reason.DENIED, () -> files.read("/shown/secret"));
        Files.setAttribute(file, "unix:mode", 0644);
        assertThat(files.read("/shown/secret")).isNotEmpty();
    }

    @Test
    void theJvmKeepsItsOwnRights() throws IOException {
        files.write("/tmp/f", TEXT);
        Path mine = Files.writeString(directory.resolve("mine"), "x");
        assertThat(Files.getAttribute(mine, "unix:uid")).isEqualTo(Host.uid());
        assertThat(Host.status("Uid").split("\\s+")).containsOnly("" + Host.uid());
        assertThat(Files.readString(Path.of("/proc/thread-self/status")))
                .containsPattern("Uid:(\\s+" + Host.uid() + "){4}");
    }

    @Test
    void procIsNeitherReadNorWritten() throws IOException {
        inside("ln -s /proc/self/environ /tmp/l; ln -s /proc/1/root /tmp/r; ln -s /proc /tmp/p");
        assertRefused(Reason.NOT_REGULAR, () -> files.read("/proc/version"));
        assertRefused(Reason.NOT_REGULAR, () -> files.read("/tmp/p/version"));
        assertRefused(Reason.NOT_REGULAR, () -> files.write("/proc/version", TEXT));
        assertThatThrownBy(() -> files.read("/tmp/r/etc/passwd"))
                .isInstanceOf(SandboxFileException.class);
    }

    @Test
    void aMountIsNotDeletedNorReplaced() throws IOException {
        assertRefused(Reason.MOUNT, () -> files.delete("/work"));
        assertRefused(Reason.MOUNT, () -> files.deleteTree(SandboxPath.of("/work")));
        assertThat(inside("test -d /work && echo there")).isEqualTo("there");
        assertRefused(
                Reason.NOT_REGULAR,
                () ->
                        files.copyOut(
                                SandboxPath.ROOT, directory.resolve("c"), CopyOptions.defaults()));
        files.copyIn(shown, SandboxPath.of("/work"), CopyOptions.defaults());
        assertThat(work.resolve("f")).hasContent("shown");
    }

    @Test
    void aFifoDoesNotHoldTheCaller() throws IOException {
        inside("mkfifo /tmp/fifo");
        assertRefused(Reason.NOT_REGULAR, () -> files.read("/tmp/fifo"));
        files.write("/tmp/fifo", TEXT);
        assertThat(inside("cat /tmp/fifo; echo")).isEqualTo("text");
    }

    /// The default filter refuses leases inside; the kernel would let the caller wait for 45
    /// seconds (`/proc/sys/fs/lease-break-time`).
    @Test
    void aLeaseDoesNotHoldTheCaller() throws Exception {
        Path file = Files.write(directory.resolve("leased"), TEXT);
        Process holder =
                new ProcessBuilder(LEASE.path().toString(), file.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        int root = Kernel.open(directory.toString(), Linux.O_PATH, 0);
        try (LinuxFiles host = new LinuxFiles(root, FileUser.self())) {
            assertThat(holder.inputReader().readLine()).isEqualTo("leased");
            long before = System.nanoTime();
            assertRefused(Reason.CHANGING, () -> host.read("/leased"));
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(Duration.ofSeconds(10));
            holder.destroyForcibly().waitFor();
            assertThat(host.read("/leased")).isEqualTo(TEXT);
        } finally {
            holder.destroyForcibly();
        }
    }

    /// It ends the run as well: a file system of the sandbox is full.
    @Test
    void aFullFileSystemIsToldAndLeavesNothing() {
        files.write("/tmp/small", new byte[1024 * 1024]);
        byte[] tooMuch = new byte[65 * 1024 * 1024];
        assertRefused(Reason.FULL, () -> files.write("/tmp/big", tooMuch));
        assertThat(files.exists("/tmp/big")).isFalse();
        assertThat(files.list("/tmp"))
                .allSatisfy(e -> assertThat(e.path().nameText()).isEqualTo("small"));
    }

    @Test
    void outputsAreCollectedWhenEveryProcessIsDead() throws IOException {
        inside("mkdir /tmp/out; echo a > /tmp/out/a; echo b > /work/b");
        int root = LiveFiles.root(process);
        int mounts = LiveFiles.mounts(process);
        FileUser user = LiveFiles.user(process);
        sandbox.close();
        assertThat(process.isAlive()).isFalse();
        Path a = directory.resolve("a");
        Path b = directory.resolve("b");
        CopyOptions options = CopyOptions.defaults();
        var collected =
                Outputs.collect(
                        root,
                        user,
                        List.of(
                                new OutputFiles(SandboxPath.of("/tmp/out"), a, options),
                                new OutputFiles(SandboxPath.of("/work/b"), b, options)));
        Kernel.close(mounts);
        assertThat(collected.values()).allSatisfy(c -> assertThat(c.isCopied()).isTrue());
        assertThat(a.resolve("a")).hasContent("a");
        assertThat(b).hasContent("b");
        // Without the mounts they are gone, and that is told.
        var late =
                Outputs.collect(
                        root,
                        user,
                        List.of(
                                new OutputFiles(
                                        SandboxPath.of("/tmp/out"),
                                        directory.resolve("c"),
                                        options)));
        Kernel.close(root);
        assertThat(late.get(SandboxPath.of("/tmp/out")).isCopied()).isFalse();
    }
}
