package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.files.LinuxFilesTest.assertRefused;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.CopyReport;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Trees into a root and out of it.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TreeCopyTest {

    private static final CopyOptions OPTIONS = CopyOptions.defaults();
    private static final SandboxPath OUT = SandboxPath.of("/out");

    @TempDir Path directory;
    private Path root;
    private Path out;
    private Path host;
    private LinuxFiles files;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        host = Files.createDirectory(directory.resolve("host"));
        out = Files.createDirectory(root.resolve("out"));
        files = new LinuxFiles(TestTree.refer(root), FileUser.self());
    }

    @AfterEach
    void close() {
        files.close();
        assertThat(host.toFile().list()).allSatisfy(n -> assertThat(n).doesNotStartWith("."));
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode") & 07777;
    }

    private void fill(Path tree) throws IOException {
        Files.createDirectories(tree.resolve("a/b"));
        Files.writeString(tree.resolve("a/b/f"), "12345");
        Files.writeString(tree.resolve("g"), "123");
        Files.setLastModifiedTime(tree.resolve("g"), FileTime.fromMillis(1_000_000_000_000L));
    }

    @Test
    void aTreeComesOutAsItIs() throws IOException {
        fill(out);
        CopyReport report = files.copyOut(OUT, host.resolve("copy"), OPTIONS);
        assertThat(host.resolve("copy/a/b/f")).hasContent("12345");
        assertThat(host.resolve("copy/g")).hasContent("123");
        assertThat(Files.getLastModifiedTime(host.resolve("copy/g")).toMillis())
                .isEqualTo(1_000_000_000_000L);
        assertThat(report).isEqualTo(new CopyReport(2, 3, 0, Bytes.of(8), 0, List.of()));
    }

    @Test
    void aTreeGoesInAsItIs() throws IOException {
        fill(host);
        CopyReport report = files.copyIn(host, SandboxPath.of("/in"), OPTIONS);
        assertThat(root.resolve("in/a/b/f")).hasContent("12345");
        assertThat(Files.getLastModifiedTime(root.resolve("in/g")).toMillis())
                .isEqualTo(1_000_000_000_000L);
        assertThat(report).isEqualTo(new CopyReport(2, 3, 0, Bytes.of(8), 0, List.of()));
        // Again: what is there is replaced.
        Files.writeString(host.resolve("g"), "new");
        files.copyIn(host, SandboxPath.of("/in"), OPTIONS);
        assertThat(root.resolve("in/g")).hasContent("new");
        files.copyIn(host, SandboxPath.ROOT, OPTIONS);
        assertThat(root.resolve("g")).hasContent("new");
    }

    @Test
    void aFileComesOutAndGoesIn() throws IOException {
        fill(out);
        files.copyOut(SandboxPath.of("/out/g"), host.resolve("g"), OPTIONS);
        assertThat(host.resolve("g")).hasContent("123");
        files.copyIn(host.resolve("g"), SandboxPath.of("/h"), OPTIONS);
        assertThat(root.resolve("h")).hasContent("123");
    }

    @Test
    void nothingOnTheHostIsOverwritten() throws IOException {
        fill(out);
        Files.writeString(host.resolve("taken"), "mine");
        Path full = Files.createDirectory(host.resolve("full"));
        Files.writeString(full.resolve("x"), "mine");
        SandboxPath file = SandboxPath.of("/out/g");
        assertRefused(Reason.EXISTS, () -> files.copyOut(file, host.resolve("taken"), OPTIONS));
        assertRefused(Reason.EXISTS, () -> files.copyOut(OUT, host.resolve("taken"), OPTIONS));
        assertRefused(Reason.EXISTS, () -> files.copyOut(OUT, full, OPTIONS));
        assertThat(host.resolve("taken")).hasContent("mine");
        assertThat(full.toFile().list()).containsExactly("x");
        Path empty = Files.createDirectory(host.resolve("empty"));
        files.copyOut(OUT, empty, OPTIONS);
        assertThat(empty.resolve("g")).hasContent("123");
    }

    @Test
    void aLinkOnTheHostIsNotFollowed() throws IOException {
        fill(out);
        Path real = Files.createDirectory(directory.resolve("real"));
        Path link = Files.createSymbolicLink(host.resolve("link"), real);
        assertRefused(Reason.LINK, () -> files.copyOut(OUT, link.resolve("copy"), OPTIONS));
        assertRefused(Reason.EXISTS, () -> files.copyOut(OUT, link, OPTIONS));
        assertRefused(Reason.LINK, () -> files.copyIn(link, SandboxPath.of("/in"), OPTIONS));
        assertThat(real).isEmptyDirectory();
    }

    @Test
    void whatIsNoFileIsRefusedOrLeftOut() throws IOException {
        fill(out);
        Files.createSymbolicLink(out.resolve("link"), Path.of("/etc/passwd"));
        TestTree.fifo(out.resolve("a/fifo"));
        TestTree.socket(out.resolve("s"));
        Path copy = host.resolve("copy");
        assertRefused(
                Reason.LINK,
                () -> {
                    Files.delete(out.resolve("a/fifo"));
                    Files.delete(out.resolve("s"));
                    files.copyOut(OUT, copy, OPTIONS);
                });
        assertThat(copy).doesNotExist();
        TestTree.fifo(out.resolve("a/fifo"));
        TestTree.socket(out.resolve("s"));
        CopyReport report = files.copyOut(OUT, copy, OPTIONS.skipOthers());
        assertThat(report.files()).isEqualTo(2);
        assertThat(report.skippedCount()).isEqualTo(3);
        assertThat(report.skipped())
                .extracting(s -> s.path() + " " + s.why())
                .containsExactlyInAnyOrder("/link link", "/a/fifo fifo", "/s socket");
        assertThat(copy.resolve("link")).doesNotExist();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> files.copyOut(OUT, host.resolve("x"), OPTIONS.keepLinks()));
        assertRefused(
                Reason.NOT_REGULAR,
                () -> files.copyOut(SandboxPath.of("/out/s"), host.resolve("s"), OPTIONS));
        assertRefused(
                Reason.LINK,
                () -> files.copyOut(SandboxPath.of("/out/link"), host.resolve("l"), OPTIONS));
    }

    @Test
    void linksGoInAsLinksIfThatIsSaid() throws IOException {
        Files.createSymbolicLink(host.resolve("link"), Path.of("/etc/passwd"));
        assertRefused(Reason.LINK, () -> files.copyIn(host, SandboxPath.of("/a"), OPTIONS));
        files.copyIn(host, SandboxPath.of("/b"), OPTIONS.keepLinks());
        assertThat(Files.readSymbolicLink(root.resolve("b/link")))
                .isEqualTo(Path.of("/etc/passwd"));
    }

    @Test
    void specialBitsNeverArrive() throws IOException {
        for (Path from : List.of(out, host)) {
            Files.writeString(from.resolve("f"), "x");
            Files.createDirectory(from.resolve("d"));
            Files.setAttribute(from.resolve("f"), "unix:mode", 06777);
            Files.setAttribute(from.resolve("d"), "unix:mode", 07777);
        }
        files.copyIn(host, SandboxPath.of("/in"), OPTIONS);
        assertThat(mode(root.resolve("in/f"))).isEqualTo(0777);
        assertThat(mode(root.resolve("in/d"))).isEqualTo(0777);
        Path copy = directory.resolve("copy");
        files.copyOut(OUT, copy, OPTIONS);
        assertThat(mode(copy.resolve("f")) & 07022).isZero();
        assertThat(mode(copy.resolve("d")) & 07022).isZero();
        assertThat(mode(copy.resolve("f")) & 0700).isEqualTo(0700);
    }

    @Test
    void moreThanTheCapsIsRefusedAndNothingIsLeft() throws IOException {
        fill(out);
        Path copy = host.resolve("copy");
        assertRefused(
                Reason.TOO_LARGE, () -> files.copyOut(OUT, copy, OPTIONS.maxBytes(Bytes.of(7))));
        assertRefused(Reason.TOO_MANY, () -> files.copyOut(OUT, copy, OPTIONS.maxEntries(3)));
        assertThat(host).isEmptyDirectory();
        files.copyOut(OUT, copy, OPTIONS.maxBytes(Bytes.of(8)).maxEntries(4));
        try (RandomAccessFile file = new RandomAccessFile(out.resolve("holes").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        SandboxPath holes = SandboxPath.of("/out/holes");
        assertRefused(Reason.TOO_LARGE, () -> files.copyOut(holes, host.resolve("h"), OPTIONS));
        assertThat(host.resolve("h")).doesNotExist();
    }

    @Test
    void aTreeThatIsTooDeepIsRefused() throws IOException {
        TestTree.deep(out, "d", 127);
        files.copyOut(OUT, host.resolve("copy"), OPTIONS);
        TestTree.deep(out, "e", 128);
        assertRefused(Reason.TOO_MANY, () -> files.copyOut(OUT, host.resolve("no"), OPTIONS));
        assertThat(host.resolve("no")).doesNotExist();
    }

    @Test
    void namesThatJavaCannotWriteAreCopied() {
        byte[] odd = {'a', '\n', (byte) 0xff, '\\'};
        TestTree.file(out, odd);
        files.copyOut(OUT, host.resolve("copy"), OPTIONS);
        try (LinuxFiles copy = new LinuxFiles(TestTree.refer(host), FileUser.self())) {
            assertThat(copy.list("/copy"))
                    .singleElement()
                    .satisfies(e -> assertThat(e.path().name()).isEqualTo(odd));
        }
    }

    @Test
    void aFileWithTwoNamesBecomesTwo() throws IOException {
        Files.writeString(out.resolve("f"), "x");
        Files.createLink(out.resolve("g"), out.resolve("f"));
        files.copyOut(OUT, host.resolve("copy"), OPTIONS);
        Files.writeString(host.resolve("copy/f"), "changed");
        assertThat(host.resolve("copy/g")).hasContent("x");
    }

    @Test
    void outputsTellWhatWasCollectedAndWhyNot() throws IOException {
        fill(out);
        int fd = TestTree.refer(root);
        var outputs =
                Outputs.collect(
                        fd,
                        FileUser.self(),
                        List.of(
                                new OutputFiles(
                                        SandboxPath.of("/none"), host.resolve("n"), OPTIONS),
                                new OutputFiles(OUT, host.resolve("copy"), OPTIONS),
                                new OutputFiles(
                                        SandboxPath.of("/out/g"),
                                        host.resolve("g"),
                                        OPTIONS.maxBytes(Bytes.of(2)))));
        Kernel.close(fd);
        assertThat(outputs.keySet())
                .extracting(SandboxPath::toString)
                .containsExactly("/none", "/out", "/out/g");
        assertThat(outputs.get(SandboxPath.of("/none")))
                .isInstanceOfSatisfying(
                        CollectedFiles.Missing.class,
                        m -> assertThat(m.cause().reason()).isEqualTo(Reason.NOT_FOUND));
        assertThat(outputs.get(OUT))
                .isInstanceOfSatisfying(
                        CollectedFiles.Copied.class,
                        c -> assertThat(c.report().files()).isEqualTo(2));
        assertThat(outputs.get(SandboxPath.of("/out/g")).isCopied()).isFalse();
        assertThat(host.toFile().list()).containsExactly("copy");
    }
}
