package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileEntry;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles.LastLink;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.linux.files.LinuxFiles;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A program inside swaps a directory with links that lead out of its root, and a file with such a
/// link and with a FIFO, while the host reads, writes, lists, copies and deletes there.
@Tag("kernel")
@Tag("load")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FilesRaceTest {

    private static final long LEAST_SWAPS = 100_000;
    private static final int ROUNDS = Integer.getInteger("io.cloister.sandbox.test.races", 1500);
    private static final String SECRET = "SECRET of the host";
    private static final String INSIDE = "inside";

    private static final StaticProgram SWAPPER =
            new StaticProgram(
                    "swapper",
                    """
                    #define _GNU_SOURCE
                    #include <fcntl.h>
                    #include <stdio.h>
                    #include <sys/stat.h>
                    #include <sys/syscall.h>
                    #include <unistd.h>

                    static long swaps;

                    static void swap(const char *a, const char *b) {
                        if (syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2) == 0)
                            swaps++;
                    }

                    static void file(const char *name) {
                        int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
                        write(fd, "inside", 6);
                        close(fd);
                    }

                    /* argv: a directory, a file and a relative path of the host */
                    int main(int argc, char **argv) {
                        mkdir("d", 0755);
                        file("d/f");
                        file("g");
                        symlink(argv[1], "l1");
                        symlink(argv[3], "l2");
                        symlink("/", "l3");
                        symlink(argv[2], "k1");
                        mkfifo("k2", 0644);
                        puts("ready");
                        fflush(stdout);
                        while (access("stop", F_OK) != 0) {
                            for (int i = 0; i < 100; i++) {
                                swap("d", "l1");
                                swap("g", "k1");
                                swap("d", "l2");
                                swap("g", "k2");
                                swap("d", "l3");
                            }
                            struct stat s;
                            if (stat("d/f", &s) != 0 || s.st_size == 0)
                                file("d/f");
                            if (lstat("g", &s) != 0)
                                file("g");
                        }
                        printf("%ld\\n", swaps);
                        return 0;
                    }
                    """);

    @TempDir Path directory;
    private final Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
    private long operations;
    private long succeeded;

    /// An operation whose failure is no news.
    private void attempt(Runnable operation) {
        operations++;
        try {
            operation.run();
            succeeded++;
        } catch (SandboxFileException e) {
            refused.merge(e.reason(), 1, Integer::sum);
        }
    }

    @Test
    void nothingOutsideIsReadOrWritten() throws Exception {
        Path work = Files.createDirectory(directory.resolve("work"));
        Path secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(secret.resolve("f"), SECRET);
        Files.writeString(secret.resolve("only-outside"), SECRET);
        // Nothing but the root keeps the sandbox's user from it.
        Files.setAttribute(directory, "unix:mode", 0755);
        Files.setAttribute(secret, "unix:mode", 0777);
        Files.setAttribute(secret.resolve("f"), "unix:mode", 0666);
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.writeString(source.resolve("from-host"), "x");
        Path copies = Files.createDirectory(directory.resolve("copies"));
        String up = "../../../../../../../../.." + secret;
        Sandbox.Builder builder =
                Sandbox.builder()
                        .writable(work, "/work")
                        .readOnly(SWAPPER.path(), "/swapper")
                        .workDirectory("/work");
        try (Sandbox sandbox = builder.build()) {
            SandboxProcess process =
                    sandbox.start(
                            Command.of(
                                    "/swapper",
                                    secret.toString(),
                                    secret.resolve("f").toString(),
                                    up));
            assertThat(process.getInputStream().readNBytes(6)).isEqualTo("ready\n".getBytes());
            int naive = 0;
            try (LinuxFiles files = LiveFiles.of(process)) {
                for (int i = 0; i < ROUNDS; i++) {
                    round(files, i, source, copies);
                    naive += naiveRead(work) ? 1 : 0;
                }
                attempt(() -> files.write("/work/stop", new byte[0]));
            }
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            byte[] printed = process.getInputStream().readAllBytes();
            long swaps = Long.parseLong(new String(printed, StandardCharsets.US_ASCII).strip());
            System.out.printf(
                    "files race: %d swaps, %d operations, %d succeeded, refused %s;"
                            + " by path on the host %d of %d reads were led out%n",
                    swaps, operations, succeeded, refused, naive, ROUNDS);
            assertThat(swaps).isGreaterThanOrEqualTo(LEAST_SWAPS);
            assertThat(succeeded).isGreaterThan(operations / 20);
            assertThat(naive).as("the race is one: a path of the host is led out").isPositive();
        }
        assertThat(secret.toFile().list()).containsExactlyInAnyOrder("f", "only-outside");
        assertThat(secret.resolve("f")).hasContent(SECRET);
        try (Stream<Path> copied = Files.walk(copies)) {
            for (Path path : copied.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(path)).as(path.toString()).doesNotContain("SECRET");
            }
        }
        assertThat(copies.toFile().list()).allSatisfy(n -> assertThat(n).startsWith("c"));
    }

    private void round(LinuxFiles files, int i, Path source, Path copies) {
        attempt(() -> notSecret(files.read("/work/d/f")));
        attempt(() -> notSecret(files.read("/work/g")));
        attempt(() ->
                notSecret(
                        files.read(
                                SandboxPath.of("/work/g"), Bytes.kibibytes(1), LastLink.FOLLOW)));
        attempt(() ->
                assertThat(files.list("/work/d"))
                        .extracting(SandboxFileEntry::path)
                        .doesNotContain(SandboxPath.of("/work/d/only-outside")));
        attempt(() -> assertThat(files.stat(SandboxPath.of("/work/d/only-outside"))).isEmpty());
        attempt(() -> files.write("/work/d/f", INSIDE.getBytes(StandardCharsets.UTF_8)));
        attempt(() -> files.write("/work/g", INSIDE.getBytes(StandardCharsets.UTF_8)));
        attempt(() -> files.createDirectories("/work/d/made/more"));
        attempt(() -> files.copyIn(source, SandboxPath.of("/work/d/in"), CopyOptions.defaults()));
        attempt(() -> files.delete("/work/d/only-outside"));
        attempt(() -> files.deleteTree(SandboxPath.of("/work/d/made")));
        if (i % 4 == 0) {
            CopyOptions options = CopyOptions.defaults().skipOthers();
            Path copy = copies.resolve("c" + i);
            attempt(() -> files.copyOut(SandboxPath.of("/work"), copy, options));
            attempt(() ->
                    files.copyOut(SandboxPath.of("/work/d"), copies.resolve("cd" + i), options));
        }
    }

    private static void notSecret(byte[] content) {
        assertThat(new String(content, StandardCharsets.UTF_8)).doesNotContain("SECRET");
    }

    /// What an embedding program would do that trusts a path: it is led out.
    private static boolean naiveRead(Path work) {
        try {
            return Files.readString(work.resolve("d/f")).contains("SECRET");
        } catch (IOException e) {
            return false;
        }
    }
}
