package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_SETFL;

import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;

/// A connected Unix socket: one end is a channel of the JVM, the other a descriptor for a program.
///
/// A channel of Java cannot be made of a descriptor, and the descriptor of one cannot be had. So
/// the two ends meet at a name in the file system, in a directory that only the JVM's user may
/// enter and that is gone when they have. Thread-safe.
final class ProgramSocket {

    private static final int TOKEN_BYTES = 16;

    /// More than one process of the same user could connect before the launcher does.
    private static final int BACKLOG = 16;

    private static final FileAttribute<?> OURS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final Cleaner CLEANER = Cleaner.create();

    private final int theirs;
    private final End ours;

    /// The JVM's end. It is closed when nobody can ask for it any more; from the first question on
    /// it is the caller's to close.
    private record End(SocketChannel channel, AtomicBoolean asked) implements Runnable {
        @Override
        public void run() {
            if (!asked.get()) {
                close();
            }
        }

        void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private ProgramSocket(SocketChannel ours, int theirs) {
        this.theirs = theirs;
        this.ours = new End(ours, new AtomicBoolean());
        CLEANER.register(this, this.ours);
    }

    /// An interrupt does not cut it short.
    ///
    /// @throws SandboxLaunchException if the host refuses
    static ProgramSocket open() {
        // A channel is closed when a thread that waits for it is interrupted, or was before.
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return meet();
                } catch (ClosedByInterruptException _) {
                    interrupted |= Thread.interrupted();
                }
            }
        } catch (IOException e) {
            SandboxLaunchException failure =
                    new SandboxLaunchException(
                            SetupStep.OPEN_STREAMS,
                            -1,
                            "socket for stdin: " + e,
                            0,
                            "",
                            "check java.io.tmpdir, where the socket has its name for a moment: it"
                                    + " must be writable and shorter than some 80 bytes");
            failure.initCause(e);
            throw failure;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static ProgramSocket meet() throws IOException {
        Path directory = Files.createTempDirectory("socket-of-cloister-", OURS_ALONE);
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(name), BACKLOG);
            return meet(server, name);
        } finally {
            // A cleaner of temporary files may have come first.
            Files.deleteIfExists(name);
            Files.deleteIfExists(directory);
        }
    }

    private static ProgramSocket meet(ServerSocketChannel server, Path name) throws IOException {
        int theirs =
                LaunchErrors.check(
                        SetupStep.OPEN_STREAMS,
                        "socket for stdin at " + name,
                        Kernel.connectUnix(name.toString()));
        try {
            LaunchErrors.check(
                    SetupStep.OPEN_STREAMS,
                    "blocking socket for stdin",
                    Kernel.fcntl(theirs, F_SETFL, 0));
            return new ProgramSocket(accept(server, theirs), theirs);
        } catch (IOException | RuntimeException | Error e) {
            Kernel.close(theirs);
            throw e;
        }
    }

    /// Whoever else of the same user has connected is sent away: the launcher's connection says
    /// what nobody can foresee. It is in the queue, so there is an end to them.
    private static SocketChannel accept(ServerSocketChannel server, int theirs) throws IOException {
        ByteBuffer token = ByteBuffer.allocate(TOKEN_BYTES);
        token.asLongBuffer().put(Kernel.random(TOKEN_BYTES / Long.BYTES));
        LaunchErrors.check(
                SetupStep.OPEN_STREAMS,
                "first bytes of the socket for stdin",
                Kernel.write(theirs, token.array(), 0, TOKEN_BYTES));
        while (true) {
            SocketChannel channel = server.accept();
            try {
                // The token is there already; for what a stranger says nobody waits.
                channel.configureBlocking(false);
                ByteBuffer said = ByteBuffer.allocate(TOKEN_BYTES);
                channel.read(said);
                if (said.flip().equals(token)) {
                    channel.configureBlocking(true);
                    return channel;
                }
                channel.close();
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        }
    }

    /// The program's end, which is the caller's to close.
    int theirs() {
        return theirs;
    }

    /// The JVM's end, which is the caller's to close from now on.
    SocketChannel ours() {
        ours.asked.set(true);
        return ours.channel;
    }

    /// Closes the JVM's end: there is no program.
    void abandon() {
        ours.close();
    }
}
