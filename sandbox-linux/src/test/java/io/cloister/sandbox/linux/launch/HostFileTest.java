package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

@Tag("kernel")
@Timeout(60)
class HostFileTest {

    @TempDir private Path temporary;

    private Path directory;

    @BeforeEach
    void withoutLinks() throws IOException {
        directory = temporary.toRealPath();
    }

    private static void write(Path path, boolean append, String text) throws IOException {
        try (OutputStream out = HostFile.output("stdout", path, append)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String read(Path path) throws IOException {
        try (InputStream in = HostFile.input(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aFileIsMadeReplacedOrAppendedTo() throws IOException {
        Path file = directory.resolve("f");
        write(file, false, "first, long");
        assertThat(read(file)).isEqualTo("first, long");
        write(file, false, "second");
        assertThat(read(file)).isEqualTo("second");
        write(file, true, " third");
        assertThat(Files.readString(file)).isEqualTo("second third");
        write(directory.resolve("g"), true, "new");
        assertThat(Files.readString(directory.resolve("g"))).isEqualTo("new");
    }

    @Test
    void aLinkIsNotFollowedAndItsTargetIsLeftAlone() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "untouched");
        Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
        Path dangling =
                Files.createSymbolicLink(directory.resolve("d"), directory.resolve("not-made"));
        refused("ELOOP", () -> write(link, false, "x"));
        refused("ELOOP", () -> write(link, true, "x"));
        refused("ELOOP", () -> write(dangling, false, "x"));
        refused("ELOOP", () -> read(link));
        assertThat(Files.readString(victim)).isEqualTo("untouched");
        assertThat(directory.resolve("not-made")).doesNotExist();
        assertThat(read(victim)).isEqualTo("untouched");
    }

    @Test
    void aLinkOnTheWayIsNotFollowedEither() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real"));
        Files.writeString(real.resolve("f"), "text");
        Path way = Files.createSymbolicLink(directory.resolve("way"), real);
        refused("ELOOP", () -> read(way.resolve("f")));
        refused("ELOOP", () -> write(way.resolve("new"), false, "x"));
        assertThat(real.resolve("new")).doesNotExist();
        assertThat(read(real.resolve("f"))).isEqualTo("text");
    }

    @Test
    void aMagicLinkOfProcIsNotFollowed() {
        refused("ELOOP", () -> read(Path.of("/proc/self/fd/0")));
    }

    @Test
    void aPipeInTheFileSystemIsNotWaitedFor() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        assertThatThrownBy(() -> read(fifo))
                .isInstanceOf(SandboxLaunchException.class)
                .hasMessageContaining("no regular file or device");
        refused("ENXIO", () -> write(fifo, false, "x"));
    }

    @Test
    void aDirectoryIsNoFile() {
        refused("EISDIR", () -> write(directory, false, "x"));
        assertThatThrownBy(() -> read(directory))
                .isInstanceOf(SandboxLaunchException.class)
                .hasMessageContaining("no regular file or device");
    }

    @Test
    void aCharacterDeviceWillDo() throws IOException {
        write(Path.of("/dev/null"), false, "x");
        write(Path.of("/dev/null"), true, "x");
        assertThat(read(Path.of("/dev/null"))).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsToldByItsPath() {
        Path missing = directory.resolve("missing");
        refused("ENOENT", () -> read(missing));
        assertThatThrownBy(() -> read(missing)).hasMessageContaining(missing.toString());
    }

    private static void refused(String error, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        SandboxLaunchException.class,
                        e -> {
                            assertThat(e.errnoName()).isEqualTo(error);
                            assertThat(e.step()).isEqualTo(SetupStep.OPEN_STREAMS);
                        });
    }

    @Test
    void bytesAreReadWithoutASignAndInParts() throws IOException {
        Path file = Files.write(directory.resolve("f"), new byte[] {-1, 1, 2, 3});
        try (InputStream in = HostFile.input(file)) {
            assertThat(in.read()).isEqualTo(255);
            byte[] part = new byte[4];
            assertThat(in.read(part, 1, 2)).isEqualTo(2);
            assertThat(part).containsExactly(0, 1, 2, 0);
            assertThat(in.read(part, 0, 4)).isEqualTo(1);
            assertThat(in.read(part, 0, 4)).isEqualTo(-1);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void whatIsClosedIsClosedOnceAndNotUsedAnyMore() throws IOException {
        Path file = directory.resolve("f");
        OutputStream out = HostFile.output("stdout", file, false);
        out.write('x');
        out.close();
        out.close();
        assertThatThrownBy(() -> out.write('y')).isInstanceOf(IOException.class);
        InputStream in = HostFile.input(file);
        in.close();
        in.close();
        assertThatThrownBy(in::read).isInstanceOf(IOException.class);
        assertThat(Files.readString(file)).isEqualTo("x");
    }

    @Test
    void aFullDeviceIsToldByTheNameOfTheError() throws IOException {
        try (OutputStream out = HostFile.output("stdout", Path.of("/dev/full"), false)) {
            assertThatThrownBy(() -> out.write('x'))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ENOSPC");
        }
    }
}
