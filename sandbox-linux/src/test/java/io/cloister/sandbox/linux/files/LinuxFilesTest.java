package io.cloister.sandbox.linux.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.FileKind;
import io.cloister.sandbox.SandboxFileEntry;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles.LastLink;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileUser;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Files below a directory, as if it were the root of a sandbox.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinuxFilesTest {

    private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

    @TempDir Path directory;
    private Path root;
    private Path outside;
    private LinuxFiles files;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("f"), "secret");
        files = new LinuxFiles(TestTree.refer(root), FileUser.self());
    }

    @AfterEach
    void close() throws IOException {
        files.close();
        assertThat(outside.toFile().list()).containsExactly("f");
        assertThat(outside.resolve("f")).hasContent("secret");
    }

    @Test
    void anEndThatFailsKeepsNobodyWaiting() throws InterruptedException {
        LinuxFiles failing =
                new LinuxFiles(
                        new RootAccess() {
                            @Override
                            public int begin() {
                                return TestTree.refer(root);
                            }

                            @Override
                            public void end() {
                                throw new IllegalStateException("the end");
                            }

                            @Override
                            public void close() {}
                        },
                        FileUser.self());
        assertThatThrownBy(() -> failing.stat(SandboxPath.ROOT)).hasMessage("the end");
        failing.closeAndWait();
    }

    static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SandboxFileException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    private String read(String path) {
        return new String(files.read(path), StandardCharsets.UTF_8);
    }

    private static void setMode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void whatIsWrittenCanBeRead() {
        files.write("/f", TEXT);
        assertThat(read("/f")).isEqualTo("text");
        assertThat(root.resolve("f")).hasContent("text");
        files.write("/f", new byte[0]);
        assertThat(files.read("/f")).isEmpty();
        assertThat(root.toFile().list()).containsExactly("f");
    }

    @Test
    void manyBytesArriveAsTheyAre() {
        byte[] many = new byte[1_000_003];
        new java.util.Random(1).nextBytes(many);
        files.write("/f", many);
        assertThat(files.read("/f")).isEqualTo(many);
    }

    @Test
    void theModeIsThatWhichWasSaid() throws IOException {
        files.write(SandboxPath.of("/f"), TEXT, 0666);
        assertThat((int) Files.getAttribute(root.resolve("f"), "unix:mode") & 07777)
                .isEqualTo(0666);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> files.write(SandboxPath.of("/f"), TEXT, 04755))
                .withMessageContaining("04755");
    }

    @Test
    void aFileOfTheHostIsCopied() throws IOException {
        files.write("/f", outside.resolve("f"));
        assertThat(read("/f")).isEqualTo("secret");
        Path link = Files.createSymbolicLink(directory.resolve("link"), outside.resolve("f"));
        assertRefused(Reason.LINK, () -> files.write("/g", link));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> files.write("/g", Path.of("relative")));
    }

    @Test
    void aLinkOutOfTheRootStaysInside() throws IOException {
        Files.createSymbolicLink(root.resolve("d"), outside);
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../../../" + outside));
        Files.createSymbolicLink(root.resolve("l"), outside.resolve("f"));
        for (String path : List.of("/d/f", "/up/f")) {
            assertRefused(Reason.NOT_FOUND, () -> files.read(path));
            assertRefused(Reason.NOT_FOUND, () -> files.write(path, TEXT));
            assertThat(files.exists(path)).isFalse();
        }
        assertRefused(Reason.LINK, () -> files.read("/l"));
        assertRefused(
                Reason.NOT_FOUND,
                () -> files.read(SandboxPath.of("/l"), Bytes.kibibytes(1), LastLink.FOLLOW));
        // Seen from the root they lead to a place inside, once that is there.
        files.createDirectories(outside.toString());
        files.write(outside + "/f", TEXT);
        assertThat(read("/d/f")).isEqualTo("text");
        assertThat(read("/up/f")).isEqualTo("text");
        assertThat(files.read(SandboxPath.of("/l"), Bytes.kibibytes(1), LastLink.FOLLOW))
                .isEqualTo(TEXT);
    }

    @Test
    void aLinkAtTheLastPlaceIsReplacedAndNotFollowed() throws IOException {
        Files.createSymbolicLink(root.resolve("l"), outside.resolve("f"));
        files.write("/l", TEXT);
        assertThat(root.resolve("l")).isRegularFile().hasContent("text");
        assertThat(Files.isSymbolicLink(root.resolve("l"))).isFalse();
    }

    @Test
    void linksThatLeadInACircleAreRefused() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
        assertRefused(Reason.LINK, () -> files.read("/a/f"));
        assertRefused(Reason.LINK, () -> files.write("/a/f", TEXT));
        assertRefused(
                Reason.LINK,
                () -> files.read(SandboxPath.of("/a"), Bytes.kibibytes(1), LastLink.FOLLOW));
        assertThat(files.stat(SandboxPath.of("/a")).orElseThrow().kind()).isEqualTo(FileKind.LINK);
        assertThat(files.deleteTree(SandboxPath.of("/a"))).isTrue();
    }

    @Test
    void anotherNameOfAFileKeepsItsContent() throws IOException {
        Path other = Files.writeString(directory.resolve("other"), "other");
        Files.createLink(root.resolve("f"), other);
        files.write("/f", TEXT);
        assertThat(other).hasContent("other");
        assertThat(read("/f")).isEqualTo("text");
    }

    @Test
    void aFifoASocketAndADeviceAreNeitherReadNorWaitedFor() throws IOException {
        TestTree.fifo(root.resolve("fifo"));
        TestTree.socket(root.resolve("socket"));
        assertRefused(Reason.NOT_REGULAR, () -> files.read("/fifo"));
        assertRefused(Reason.NOT_REGULAR, () -> files.read("/socket"));
        try (LinuxFiles host = new LinuxFiles(TestTree.refer(Path.of("/")), FileUser.self())) {
            assertRefused(Reason.NOT_REGULAR, () -> host.read("/dev/null"));
            assertRefused(Reason.NOT_REGULAR, () -> host.read("/dev/zero"));
        }
        assertThat(files.list("/"))
                .extracting(SandboxFileEntry::kind)
                .containsExactly(FileKind.FIFO, FileKind.SOCKET);
        files.write("/fifo", TEXT);
        assertThat(root.resolve("fifo")).isRegularFile();
        assertThat(files.delete("/socket")).isTrue();
    }

    @Test
    void filesThatAreAnInterfaceOfTheKernelAreRefused() {
        try (LinuxFiles host = new LinuxFiles(TestTree.refer(Path.of("/")), FileUser.self())) {
            long self = ProcessHandle.current().pid();
            for (String path : List.of("/proc/version", "/proc/" + self + "/environ")) {
                assertRefused(Reason.NOT_REGULAR, () -> host.read(path));
                assertRefused(Reason.NOT_REGULAR, () -> host.write(path, TEXT));
            }
            // Not through a magic link either, which is how a program would name the JVM's files.
            assertRefused(Reason.LINK, () -> host.read("/proc/" + self + "/root/etc/passwd"));
            assertThat(host.read("/etc/passwd")).isNotEmpty();
        }
    }

    @Test
    void aFileOverTheCapIsRefusedAndNotCut() throws IOException {
        Files.write(root.resolve("f"), new byte[1025]);
        assertRefused(Reason.TOO_LARGE, () -> files.read("/f", Bytes.kibibytes(1)));
        assertThat(files.read("/f", Bytes.of(1025))).hasSize(1025);
    }

    @Test
    void aHugeFileOfHolesIsRefusedAtOnce() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(root.resolve("f").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        assertRefused(Reason.TOO_LARGE, () -> files.read("/f"));
        assertThat(files.stat(SandboxPath.of("/f")).orElseThrow().size())
                .isEqualTo(Bytes.gibibytes(1024));
    }

    @Test
    void aFileThatGrowsForEverIsRefusedAndOneThatShrinksIsRead() throws Exception {
        Path file = Files.write(root.resolve("f"), new byte[10]);
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
                                for (long i = 1; !stop.get(); i++) {
                                    f.setLength(i % 64 == 0 ? 0 : i % 64 * 1024);
                                    f.write(1);
                                }
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            try {
                assertThat(files.read("/f", Bytes.kibibytes(32)))
                        .hasSizeLessThanOrEqualTo(32 * 1024);
                read++;
            } catch (SandboxFileException e) {
                assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE);
                refused++;
            }
        }
        stop.set(true);
        writer.join();
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    @Test
    void namesAreBytesAndComeBackAsTheyWere() throws IOException {
        byte[] odd = {'a', '\n', 27, '[', '2', 'J', (byte) 0xff, (byte) 0xc3, '\\', ' ', 1};
        byte[] longest = "x".repeat(255).getBytes(StandardCharsets.UTF_8);
        TestTree.file(root, odd);
        TestTree.file(root, longest);
        List<SandboxFileEntry> entries = files.list("/");
        assertThat(entries)
                .extracting(e -> e.path().name())
                .containsExactlyInAnyOrder(odd, longest);
        for (SandboxFileEntry entry : entries) {
            SandboxPath again = SandboxPath.parse(entry.path().toString());
            assertThat(again).isEqualTo(entry.path());
            files.write(again, TEXT, 0600);
            assertThat(files.read(again, Bytes.kibibytes(1), LastLink.REFUSE)).isEqualTo(TEXT);
            assertThat(entry.path().toString()).doesNotContain("\n", "\u001b");
        }
        assertThat(root.toFile().list()).hasSize(2);
        assertThat(files.delete(entries.getFirst().path())).isTrue();
        assertThat(files.list("/")).hasSize(1);
    }

    @Test
    void statTellsWhatIsThere() throws IOException {
        Files.write(root.resolve("f"), TEXT);
        setMode(root.resolve("f"), "rw-r-----");
        Instant time = Instant.ofEpochSecond(1_000_000_000, 123_456_789);
        Files.setLastModifiedTime(root.resolve("f"), java.nio.file.attribute.FileTime.from(time));
        SandboxFileEntry entry = files.stat(SandboxPath.of("/f")).orElseThrow();
        assertThat(entry.kind()).isEqualTo(FileKind.FILE);
        assertThat(entry.size()).isEqualTo(Bytes.of(4));
        assertThat(entry.mode()).isEqualTo(0640);
        assertThat(entry.links()).isEqualTo(1);
        assertThat(entry.modified()).isEqualTo(time);
        assertThat(entry.changed()).isAfter(time);
        assertThat(files.stat(SandboxPath.of("/none"))).isEmpty();
        assertThat(files.stat(SandboxPath.of("/f/below"))).isEmpty();
        assertThat(files.stat(SandboxPath.ROOT).orElseThrow().kind()).isEqualTo(FileKind.DIRECTORY);
    }

    @Test
    void timesBeyondJavaAreTheLastAndTheFirst() {
        var last = new io.cloister.sandbox.linux.ffm.FileFacts.Time(Long.MAX_VALUE, 999_999_999);
        var first = new io.cloister.sandbox.linux.ffm.FileFacts.Time(Long.MIN_VALUE, 0);
        var facts =
                new io.cloister.sandbox.linux.ffm.FileFacts(
                        0, 0100644, 1, 0, 0, -1, false, first, last, last);
        SandboxFileEntry entry = Kinds.entry(SandboxPath.ROOT, facts);
        assertThat(entry.modified()).isEqualTo(Instant.MAX);
        assertThat(entry.accessed()).isEqualTo(Instant.MIN);
    }

    @Test
    void aDirectoryOf100000EntriesIsListedInPiecesOrRefused() {
        for (int i = 0; i < 100_000; i++) {
            TestTree.file(root, ("n" + i).getBytes(StandardCharsets.UTF_8));
        }
        assertRefused(Reason.TOO_MANY, () -> files.list("/"));
        assertThat(files.list(SandboxPath.ROOT, 100_000)).hasSize(100_000);
        long[] count = {0};
        files.forEach(SandboxPath.ROOT, 100_000, _ -> count[0]++);
        assertThat(count[0]).isEqualTo(100_000);
        files.createDirectories("/many");
        TestTree.command(
                "sh",
                "-c",
                "mv "
                        + root
                        + "/n* "
                        + root
                        + "/many 2>/dev/null ||"
                        + " find "
                        + root
                        + " -maxdepth 1 -name 'n*' -exec mv -t "
                        + root
                        + "/many {} +");
        assertThat(files.deleteTree(SandboxPath.of("/many"))).isTrue();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void directoriesAreMadeOnTheWay() throws IOException {
        files.createDirectories(SandboxPath.of("/a/b/c"), 0777);
        assertThat((int) Files.getAttribute(root.resolve("a/b"), "unix:mode") & 07777)
                .isEqualTo(0777);
        files.createDirectories("/a/b/c");
        files.createDirectories("/");
        Files.createFile(root.resolve("f"));
        assertRefused(Reason.NOT_DIRECTORY, () -> files.createDirectories("/f"));
        assertRefused(Reason.NOT_DIRECTORY, () -> files.createDirectories("/f/a"));
        Files.createSymbolicLink(root.resolve("l"), outside);
        assertRefused(Reason.NOT_DIRECTORY, () -> files.createDirectories("/l/a"));
        Files.createSymbolicLink(root.resolve("inside"), Path.of("/a"));
        files.createDirectories("/inside/x");
        assertThat(root.resolve("a/x")).isDirectory();
    }

    @Test
    void deleteRemovesOneEntryAndFollowsNoLink() throws IOException {
        Files.createDirectories(root.resolve("d/e"));
        Files.createSymbolicLink(root.resolve("l"), outside);
        assertRefused(Reason.EXISTS, () -> files.delete("/d"));
        assertThat(files.delete("/d/e")).isTrue();
        assertThat(files.delete("/d")).isTrue();
        assertThat(files.delete("/l")).isTrue();
        assertThat(files.delete("/l")).isFalse();
        assertRefused(Reason.IS_DIRECTORY, () -> files.delete(SandboxPath.ROOT));
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aTreeIsDeletedHoweverDeepAndOdd() throws IOException {
        Path tree = Files.createDirectory(root.resolve("tree"));
        TestTree.deep(tree, "d".repeat(255), 4000);
        TestTree.file(tree, new byte[] {(byte) 0xfe, '\n'});
        Files.createSymbolicLink(tree.resolve("l"), outside);
        TestTree.fifo(tree.resolve("fifo"));
        setMode(tree.resolve("d".repeat(255)), "---------");
        assertThat(files.deleteTree(SandboxPath.of("/tree"))).isTrue();
        assertThat(files.deleteTree(SandboxPath.of("/tree"))).isFalse();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aTreeThatGrowsWhileItIsDeletedDoesNotHoldTheCallerForEver() throws Exception {
        Path tree = Files.createDirectory(root.resolve("tree"));
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; !stop.get(); i++) {
                                tree.resolve("d" + i).toFile().mkdirs();
                            }
                        });
        try {
            int parent = TestTree.refer(root);
            assertThatCode(
                            () -> {
                                try {
                                    TreeRemoval.remove(
                                            io.cloister.sandbox.linux.ffm.TreeCalls.asSelf(),
                                            parent,
                                            "tree",
                                            "/tree",
                                            20_000);
                                } catch (SandboxFileException e) {
                                    assertThat(e.reason()).isEqualTo(Reason.TOO_MANY);
                                }
                            })
                    .doesNotThrowAnyException();
        } finally {
            stop.set(true);
            writer.join();
        }
    }

    @Test
    void anErrorSaysWhatWasTriedAndWhatToDo() {
        assertThatThrownBy(() -> files.read("/a\nb"))
                .isInstanceOfSatisfying(
                        SandboxFileException.class,
                        e -> {
                            assertThat(e.errno()).contains(Errno.ENOENT);
                            assertThat(e.operation()).isEqualTo("read");
                            assertThat(e.path()).isEqualTo("/a\\x0ab");
                        })
                .hasMessage(
                        "read /a\\x0ab: ENOENT (no such file or directory); check the path; a"
                                + " directory on the way must exist");
    }

    @Test
    void afterTheEndItSaysThatTheSandboxIsClosed() {
        files.write("/f", TEXT);
        files.close();
        files.close();
        assertRefused(Reason.CLOSED, () -> files.read("/f"));
    }

    @Test
    void anInterruptEndsIt() throws IOException {
        Files.write(root.resolve("f"), TEXT);
        Thread.currentThread().interrupt();
        assertRefused(Reason.INTERRUPTED, () -> files.read("/f"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(read("/f")).isEqualTo("text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "f", "/a/../b", "/a//b", "/a/", "/.", "/a\0"})
    void whatIsNoPathIsRefused(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> files.read(path));
    }

    @Test
    void nothingIsLeftOfAWriteThatFails() throws IOException {
        Files.createDirectory(root.resolve("d"));
        assertRefused(Reason.IS_DIRECTORY, () -> files.write("/d", TEXT));
        TestTree.fifo(directory.resolve("fifo"));
        assertRefused(Reason.NOT_REGULAR, () -> files.write("/new", directory.resolve("fifo")));
        assertThat(Set.of(root.toFile().list())).containsExactly("d");
    }
}
