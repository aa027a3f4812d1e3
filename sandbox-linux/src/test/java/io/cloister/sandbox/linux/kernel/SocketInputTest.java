package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.confined;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.TerminalSize;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Standard input that is a socket, whose other end the caller has.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketInputTest {

    /// Answers each line in upper case, by the descriptor that it came from.
    private static final Command UPPER =
            Command.of(
                            "python3",
                            "-c",
                            """
                            import socket
                            s = socket.socket(fileno=0)
                            for line in s.makefile('rb'):
                                s.sendall(line.upper())
                            print('end of input')
                            """)
                    .stdin(Input.socket());

    /// The same in Java, which has no other way to a socket than descriptor 0.
    private static final String JAVA =
            """
            import java.nio.ByteBuffer;
            import java.nio.channels.SocketChannel;

            class Echo {
                public static void main(String[] args) throws Exception {
                    SocketChannel channel = (SocketChannel) System.inheritedChannel();
                    ByteBuffer buffer = ByteBuffer.allocate(100);
                    while (channel.read(buffer.clear()) >= 0) {
                        channel.write(buffer.flip());
                    }
                    System.out.println("end of input");
                }
            }
            """;

    private static String ask(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        channel.write(bytes);
        ByteBuffer answer = ByteBuffer.allocate(bytes.limit());
        while (answer.hasRemaining() && channel.read(answer) >= 0) {}
        return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }

    private static void talks(SandboxProcess process, String question, String answer)
            throws Exception {
        try (SocketChannel channel = process.socket()) {
            assertThat(ask(channel, question)).isEqualTo(answer);
            assertThat(ask(channel, question)).isEqualTo(answer);
        }
        String rest = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(rest).isEqualTo("end of input\n");
        assertThat(process.waitForResult()).exited(0);
    }

    @Test
    void aSocketGoesBothWays() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            talks(sandbox.start(UPPER), "hello\n", "HELLO\n");
        }
    }

    @Test
    void aSocketOfACommandOfASessionGoesBothWays() throws Exception {
        try (Sandbox sandbox = strict().build();
                var session = sandbox.open()) {
            talks(session.start(UPPER), "hello\n", "HELLO\n");
            talks(session.start(UPPER), "again\n", "AGAIN\n");
        }
    }

    @Test
    void aSocketIsTheInheritedChannelOfAJvm(@TempDir Path directory) throws Exception {
        Path java = Path.of(System.getProperty("java.home"));
        Files.writeString(directory.resolve("Echo.java"), JAVA);
        try (Sandbox sandbox =
                Sandbox.builder()
                        .readOnly(java)
                        .readOnly(directory, "/src")
                        .wallTimeLimit(Duration.ofMinutes(1))
                        .build()) {
            Command command =
                    Command.of(java + "/bin/java", "-XX:+UseSerialGC", "/src/Echo.java")
                            .stdin(Input.socket());
            talks(sandbox.start(command), "hello\n", "hello\n");
        }
    }

    @Test
    void whatWasWrittenBeforeTheEndIsThereAfterIt() throws Exception {
        Command command =
                Command.of("python3", "-c", "import os; os.write(0, b'last words')")
                        .stdin(Input.socket());
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(command);
            try (SocketChannel channel = process.socket()) {
                assertThat(process.waitForResult()).exited(0);
                ByteBuffer bytes = ByteBuffer.allocate(100);
                channel.read(bytes);
                assertThat(StandardCharsets.UTF_8.decode(bytes.flip()).toString())
                        .isEqualTo("last words");
                assertThat(channel.read(bytes.clear())).isEqualTo(-1);
                assertThatThrownBy(() -> ask(channel, "late"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("Broken pipe");
            }
        }
    }

    @Test
    void aProgramFindsTheEndWhenTheCallerHasClosedIt() throws Exception {
        Command command =
                Command.of(
                                "python3",
                                "-c",
                                """
                                import os
                                print(os.read(0, 10))
                                try:
                                    os.write(0, b'x')
                                except BrokenPipeError as e:
                                    print(e.errno)
                                """)
                        .stdin(Input.socket());
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(command);
            process.socket().close();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("b''\n32\n");
        }
    }

    /// They are ends of sockets, of which the JVM has few of its own.
    @Test
    void descriptorsThatAProgramSendsAreClosed() throws Exception {
        Command command =
                Command.of(
                                "python3",
                                "-c",
                                """
                                import socket
                                s = socket.socket(fileno=0)
                                pair = socket.socketpair()
                                for i in range(50):
                                    socket.send_fds(s, [b'x'], [pair[0].fileno()])
                                """)
                        .stdin(Input.socket());
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(command);
            try (SocketChannel channel = process.socket()) {
                long before = Descriptors.sockets();
                ByteBuffer bytes = ByteBuffer.allocate(50);
                while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
                assertThat(bytes.position()).isEqualTo(50);
                assertThat(Descriptors.sockets()).isLessThan(before + 10);
            }
            assertThat(process.waitForResult()).exited(0);
        }
    }

    @Test
    void whoAsksAfterTheEndGetsWhatWasWritten() throws Exception {
        Command command =
                Command.of("python3", "-c", "import os; os.write(0, b'answer')")
                        .stdin(Input.socket());
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(command);
            assertThat(process.waitForResult()).exited(0);
            try (SocketChannel channel = process.socket()) {
                ByteBuffer bytes = ByteBuffer.allocate(100);
                channel.read(bytes);
                assertThat(StandardCharsets.UTF_8.decode(bytes.flip()).toString())
                        .isEqualTo("answer");
            }
        }
    }

    @Test
    void aSocketThatNobodyAsksForIsClosedWithItsProcess() throws Exception {
        Command command = Command.of("true").stdin(Input.socket());
        try (Sandbox sandbox = strict().build()) {
            sandbox.start(command).waitForResult();
            long before = Descriptors.sockets();
            for (int i = 0; i < 60; i++) {
                assertThat(sandbox.start(command).waitForResult()).exited(0);
            }
            // A prepared launcher or two have theirs.
            while (Descriptors.sockets() > before + 30) {
                System.gc();
                Thread.sleep(10);
            }
        }
    }

    @Test
    void anInterruptedThreadGetsItToo() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            Thread.currentThread().interrupt();
            SandboxProcess process = sandbox.start(UPPER);
            assertThat(Thread.interrupted()).isTrue();
            talks(process, "hello\n", "HELLO\n");
        }
    }

    @Test
    void aCommandThatCannotStartLeavesNothing() throws Exception {
        Path names = Path.of(System.getProperty("java.io.tmpdir"));
        try (Sandbox sandbox = strict().build()) {
            Command missing = Command.of("/no/such/program").stdin(Input.socket());
            assertThatThrownBy(() -> sandbox.start(missing)).hasMessageContaining("ENOENT");
        }
        try (var files = Files.list(names)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("socket-of-cloister-"));
        }
    }

    @Test
    void onlyAStartedCommandHasASocket() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            assertThatThrownBy(() -> sandbox.run(UPPER))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("stdin");
            SandboxProcess piped = sandbox.start(Command.of("cat"));
            assertThatThrownBy(piped::socket)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Input.socket()");
            piped.getOutputStream().close();
            SandboxResult result = piped.waitForResult();
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        }
        assertThatThrownBy(() -> UPPER.terminal(new TerminalSize(80, 24)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("socket()");
    }

    @Test
    void theConfinedTierHasItToo() throws Exception {
        Host.needsLandlock(6);
        try (Sandbox sandbox = confined().build()) {
            talks(sandbox.start(UPPER), "hello\n", "HELLO\n");
        }
    }
}
