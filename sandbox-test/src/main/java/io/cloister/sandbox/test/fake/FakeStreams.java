package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.policy.ResourceLimits;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// The three streams of a fake command, from where it has them and to where they go.
final class FakeStreams {
    private final CountDownLatch inputRead = new CountDownLatch(1);
    private final ByteArrayOutputStream capturedOut = new ByteArrayOutputStream();
    private final ByteArrayOutputStream capturedErr = new ByteArrayOutputStream();
    private final OutputStream toStdin;
    private @Nullable FakeSocket socket;
    private final FakePipe fromStdout = new FakePipe();
    private final FakePipe fromStderr = new FakePipe();
    private final OutputStream out;
    private final OutputStream err;

    private FakeStreams(FakeRun run) throws IOException {
        Command command = run.command();
        Output stdout = command.stdout().orElseThrow();
        Output stderr = command.stderr().orElseThrow();
        out = open(stdout, capturedOut, fromStdout, System.out);
        err =
                stderr instanceof Output.MergeWithStdout
                        ? out
                        : open(stderr, capturedErr, fromStderr, System.err);
        // Who has no pipe finds its end.
        if (!(stdout instanceof Output.Pipe)) {
            fromStdout.end();
        }
        if (!(stderr instanceof Output.Pipe)) {
            fromStderr.end();
        }
        toStdin = openInput(run, command.stdin().orElseThrow());
    }

    /// @throws SandboxLaunchException if a file cannot be opened
    static FakeStreams open(FakeRun run) {
        try {
            return new FakeStreams(run);
        } catch (IOException e) {
            SandboxLaunchException failure =
                    new SandboxLaunchException(
                            SetupStep.OPEN_STREAMS, -1, "", 0, "", String.valueOf(e));
            failure.initCause(e);
            throw failure;
        }
    }

    private OutputStream openInput(FakeRun run, Input input) throws IOException {
        switch (input) {
            case Input.OfBytes(byte[] bytes) -> give(run, bytes);
            case Input.OfFile(Path path) -> give(run, Files.readAllBytes(path));
            case Input.OfStream(InputStream stream) ->
                    Thread.startVirtualThread(() -> copy(run, stream));
            // A fake reads nothing that is the JVM's own.
            case Input.Empty _, Input.Inherit _ -> inputRead.countDown();
            case Input.Pipe _ -> {
                return new Stdin(run);
            }
            case Input.Socket _ -> {
                FakeSocket made = FakeSocket.open();
                socket = made;
                Thread.startVirtualThread(() -> copy(run, made.read()));
            }
        }
        OutputStream closed = OutputStream.nullOutputStream();
        closed.close();
        return closed;
    }

    private void give(FakeRun run, byte[] bytes) {
        run.got(bytes, 0, bytes.length);
        inputRead.countDown();
    }

    private void copy(FakeRun run, InputStream stream) {
        byte[] buffer = new byte[8192];
        try {
            int length = stream.read(buffer);
            while (length >= 0 && inputRead.getCount() > 0) {
                run.got(buffer, 0, length);
                length = stream.read(buffer);
            }
        } catch (ClosedChannelException _) {
            // The socket of a command that has ended.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            inputRead.countDown();
        }
    }

    private static OutputStream open(
            Output output, OutputStream captured, FakePipe pipe, PrintStream own)
            throws IOException {
        return switch (output) {
            case Output.Capture _ -> captured;
            case Output.ToFile(Path path, boolean append) ->
                    Files.newOutputStream(
                            path,
                            new OpenOption[] {
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                append
                                        ? StandardOpenOption.APPEND
                                        : StandardOpenOption.TRUNCATE_EXISTING
                            });
            case Output.Inherit _ -> unclosed(own);
            case Output.Pipe _ -> pipe.input();
            case Output.ToConsumer(var consumer) ->
                    new OutputStream() {
                        @Override
                        public void write(int b) {
                            write(new byte[] {(byte) b}, 0, 1);
                        }

                        @Override
                        public void write(byte[] bytes, int offset, int length) {
                            consumer.accept(
                                    ByteBuffer.wrap(bytes, offset, length)
                                            .slice()
                                            .asReadOnlyBuffer());
                        }
                    };
            case Output.Discard _ -> OutputStream.nullOutputStream();
            case Output.MergeWithStdout _ ->
                    throw new IllegalArgumentException("stdout must not be merge()");
        };
    }

    private static OutputStream unclosed(PrintStream own) {
        return new FilterOutputStream(own) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                own.write(bytes, offset, length);
            }

            @Override
            public void close() {
                own.flush();
            }
        };
    }

    /// Waits for the end of standard input, or until nobody needs it any more.
    ///
    /// @return whether it has ended
    boolean awaitInput(BooleanSupplier ending) throws InterruptedException {
        boolean ended = inputRead.await(10, TimeUnit.MILLISECONDS);
        while (!ended && !ending.getAsBoolean()) {
            ended = inputRead.await(10, TimeUnit.MILLISECONDS);
        }
        return ended;
    }

    void endInput() {
        inputRead.countDown();
    }

    /// Writes what a program writes, as far as its limit goes.
    ///
    /// @return whether all of it was written
    boolean write(ResourceLimits limits, byte[] answer, byte[] stdout, byte[] stderr) {
        long cap = limits.output().map(Bytes::value).orElse(Long.MAX_VALUE);
        byte[] first = Arrays.copyOf(answer, answer.length + stdout.length);
        System.arraycopy(stdout, 0, first, answer.length, stdout.length);
        // One limit covers both where they go the same way.
        long left = err == out ? cap - Math.min(cap, first.length) : cap;
        return write(out, first, cap) & write(err, stderr, left);
    }

    private static boolean write(OutputStream stream, byte[] bytes, long cap) {
        int length = (int) Math.min(bytes.length, cap);
        try {
            if (length > 0) {
                stream.write(bytes, 0, length);
                stream.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return length == bytes.length;
    }

    /// Ends all of them.
    void close() {
        inputRead.countDown();
        fromStdout.end();
        fromStderr.end();
        try (out;
                err;
                FakeSocket _ = socket) {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] stdout() {
        return capturedOut.toByteArray();
    }

    byte[] stderr() {
        return capturedErr.toByteArray();
    }

    /// The caller's end of the socket that is standard input, if it is one.
    Optional<SocketChannel> socket() {
        return Optional.ofNullable(socket).map(FakeSocket::ours);
    }

    OutputStream toStdin() {
        return toStdin;
    }

    InputStream fromStdout() {
        return fromStdout;
    }

    InputStream fromStderr() {
        return fromStderr;
    }

    /// Takes what the caller writes, until one of the two has ended it.
    private final class Stdin extends OutputStream {
        private final FakeRun run;

        private Stdin(FakeRun run) {
            this.run = run;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (inputRead.getCount() == 0) {
                throw new IOException("Broken pipe");
            }
            run.got(bytes, offset, length);
        }

        @Override
        public void close() {
            inputRead.countDown();
        }
    }
}
