package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SetupStep;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// What goes in and what comes out, by each way that there is.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamTest {

    private static final Command CAT = Command.of("/bin/cat");

    @TempDir Path directory;

    static Stream<byte[]> contents() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return Stream.of(new byte[0], all, random(65_536), random(65_537), random(3_000_000));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("contents")
    void bytesGoThrough(byte[] bytes) {
        var result = run(strict(), CAT.stdin(bytes));
        assertThat(result).exited(0);
        assertThat(result.stdout()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("contents")
    void filesGoThrough(byte[] bytes) throws IOException {
        Path in = Files.write(directory.resolve("in"), bytes);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        var command =
                Command.of("/bin/sh", "-c", "cat > /tmp/x; cat /tmp/x; cat /tmp/x >&2")
                        .stdin(in)
                        .stdout(Output.file(out))
                        .stderr(Output.file(err));
        var result = run(strict(), command);
        assertThat(result).exited(0);
        assertThat(out).hasBinaryContent(bytes);
        assertThat(err).hasBinaryContent(bytes);
        assertThat(result.stdout()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("contents")
    void streamsAndConsumersGoThrough(byte[] bytes) {
        var taken = new ByteArrayOutputStream();
        var command =
                CAT.stdin(Input.stream(new ByteArrayInputStream(bytes)))
                        .stdout(
                                Output.consumer(buffer -> {
                                    assertThat(buffer.isReadOnly()).isTrue();
                                    byte[] part = new byte[buffer.remaining()];
                                    buffer.get(part);
                                    taken.writeBytes(part);
                                }));
        assertThat(run(strict(), command)).exited(0);
        assertThat(taken.toByteArray()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("contents")
    void pipesGoThrough(byte[] bytes) throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(CAT);
            Thread writer =
                    Thread.startVirtualThread(() -> {
                        try (var out = process.getOutputStream()) {
                            out.write(bytes);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            assertThat(process.getInputStream().readAllBytes()).isEqualTo(bytes);
            assertThat(process.getErrorStream().readAllBytes()).isEmpty();
            assertThat(process.waitForResult()).exited(0);
            writer.join();
        }
    }

    @Test
    void whatIsLeftInAPipeCanBeReadAfterTheEnd() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(Command.of("/bin/echo", "late"));
            assertThat(process.waitForResult()).exited(0);
            assertThat(process.inputReader().readLine()).isEqualTo("late");
            assertThat(process.inputReader().readLine()).isNull();
        }
    }

    @Test
    void appendingKeepsWhatIsThere() throws IOException {
        Path out = Files.writeString(directory.resolve("out"), "old\n");
        assertThat(run(strict(), Command.of("/bin/echo", "new").stdout(Output.append(out))))
                .exited(0);
        assertThat(out).hasContent("old\nnew");
        assertThat(run(strict(), Command.of("/bin/echo", "new").stdout(Output.file(out))))
                .exited(0);
        assertThat(out).hasContent("new");
    }

    @Test
    void emptyInputEndsAtOnce() {
        assertThat(run(strict(), CAT)).exited(0).printed("");
        assertThat(run(strict(), CAT.stdin(Input.empty()))).exited(0).printed("");
    }

    @Test
    void aCommandNeedNotReadItsInput() {
        assertThat(run(strict(), Command.of("/bin/true").stdin(random(10_000_000)))).exited(0);
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        return 'x';
                    }
                };
        assertThat(run(strict(), Command.of("/bin/true").stdin(Input.stream(endless)))).exited(0);
        assertThat(
                        run(
                                strict(),
                                Command.of("/usr/bin/head", "-c", "3")
                                        .stdin(Input.stream(endless))))
                .exited(0)
                .printed("xxx");
    }

    @Test
    void writingToACommandThatIsGoneFails() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(Command.of("/bin/true"));
            assertThat(process.waitForResult()).exited(0);
            assertThatThrownBy(
                            () -> {
                                process.getOutputStream().write(random(200_000));
                                process.getOutputStream().flush();
                            })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void mergedOutputKeepsItsOrder() {
        String script = "for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done";
        var result = run(strict(), Command.of("/bin/sh", "-c", script).mergeStderr());
        assertThat(result)
                .exited(0)
                .printed(
                        "o1\ne1\no2\ne2\no3\ne3\no4\ne4\no5\ne5\no6\ne6\no7\ne7\no8\ne8\no9\ne9\n");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void theStandardStreamsCanBeOpenedByName() {
        var result =
                run(
                        strict(),
                        Command.of(
                                        "/bin/sh",
                                        "-c",
                                        "cat /dev/stdin > /dev/stdout; echo err > /dev/stderr")
                                .stdin("in\n".getBytes()));
        assertThat(result).exited(0).printed("in\n");
        assertThat(result.stderrText()).isEqualTo("err\n");
    }

    @Test
    void theTwoOutputsAreApart() {
        var result = shell(strict(), "echo out; echo err >&2");
        assertThat(result.stdoutText()).isEqualTo("out\n");
        assertThat(result.stderrText()).isEqualTo("err\n");
    }

    @Test
    void aBigStreamArrivesWhole() {
        var count = new AtomicLong();
        long size = 256L * 1024 * 1024;
        var command =
                Command.of("/usr/bin/head", "-c", String.valueOf(size), "/dev/zero")
                        .stdout(Output.consumer(bytes -> count.addAndGet(bytes.remaining())));
        assertThat(run(strict().unlimitedOutput(), command)).exited(0);
        assertThat(count).hasValue(size);
    }

    @Test
    void anExceptionOfAConsumerEndsTheRunWithIt() {
        String token = Host.token();
        RuntimeException refused = new IllegalStateException("refused");
        Command command =
                victim("daemons", token)
                        .stdout(
                                Output.consumer(bytes -> {
                                    throw refused;
                                }));
        Sandbox.Builder builder = strict().wallTimeLimit(Duration.ofSeconds(20));
        assertThatThrownBy(() -> run(builder, command))
                .satisfiesAnyOf(
                        e -> assertThat(e).isSameAs(refused), e -> assertThat(e).hasCause(refused));
        assertThat(Host.processesWith(token)).isEmpty();
    }

    @Test
    void aSourceThatFailsDoesNotHangTheCommand() {
        InputStream broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("broken");
                    }
                };
        assertThat(run(strict(), CAT.stdin(Input.stream(broken)))).exited(0).printed("");
    }

    @Test
    void aFileThatCannotBeWrittenEndsTheRun() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.exists(Path.of("/dev/full")), "the host has no /dev/full");
        Command command = Command.of("/usr/bin/yes").stdout(Output.file(Path.of("/dev/full")));
        assertThatThrownBy(() -> run(strict().unlimitedOutput(), command))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("/dev/full");
    }

    @Test
    void aFileThatCannotBeOpenedFailsTheLaunch() {
        Path missing = directory.resolve("missing");
        for (Command command :
                List.of(
                        CAT.stdin(missing),
                        CAT.stdin(directory),
                        CAT.stdout(Output.file(missing.resolve("x"))),
                        CAT.stderr(Output.append(directory)))) {
            assertThatThrownBy(() -> run(strict(), command))
                    .isInstanceOfSatisfying(
                            SandboxLaunchException.class,
                            e -> assertThat(e.step()).isEqualTo(SetupStep.OPEN_STREAMS));
        }
    }

    @Test
    void theFileBehindAStreamIsOutOfReach() throws IOException {
        Path in = Files.writeString(directory.resolve("in"), "secret");
        var command =
                Command.of("/bin/sh", "-c", "readlink /proc/self/fd/0; echo x > /proc/self/fd/0")
                        .stdin(in);
        assertThat(run(strict(), command)).text().startsWith("pipe:");
        assertThat(in).hasContent("secret");
    }

    @Test
    void standardStreamsOfTheJvmAreCopied() {
        List<String> words = Host.java(Inherits.class);
        List<String> script =
                Stream.concat(
                                Stream.of("/bin/sh", "-c", "echo from the shell | \"$@\"", "sh"),
                                words.stream())
                        .toList();
        assertThat(Host.output(script)).isEqualTo("from the shell\npipe\nExited[code=0]\n");
    }

    /// A program of its own JVM, whose sandbox uses its standard streams.
    static final class Inherits {
        private Inherits() {}

        public static void main(String[] args) throws InterruptedException {
            Command command =
                    Command.of("/bin/sh", "-c", "cat; readlink /proc/self/fd/1 | cut -d: -f1")
                            .stdin(Input.inherit())
                            .stdout(Output.inherit())
                            .stderr(Output.inherit());
            try (Sandbox sandbox = Sandbox.builder().build()) {
                System.out.println(sandbox.run(command).outcome());
            }
        }
    }
}
