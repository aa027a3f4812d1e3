package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// A connected Unix socket: one end is a channel of the JVM, the other a descriptor for a program.
///
/// A channel of Java cannot be made of a descriptor, and the descriptor of one cannot be had. So
/// the two ends meet at a name in the file system, which is gone when they have. Thread-safe.
final class ProgramSocket {

    private static final int TOKEN_BYTES = 16;

    private final SocketChannel ours;
    private final int theirs;
    private boolean asked;
    private boolean over;

    private ProgramSocket(SocketChannel ours, int theirs) {
        this.ours = ours;
        this.theirs = theirs;
    }

    /// @throws SandboxLaunchException if the host refuses
    static ProgramSocket open() {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            // A name that nobody foresees, in java.io.tmpdir or jdk.net.unixdomain.tmpdir.
            server.bind(null, 1);
            Path name = ((UnixDomainSocketAddress) server.getLocalAddress()).getPath();
            try {
                return meet(server, name);
            } finally {
                Files.delete(name);
            }
        } catch (IOException e) {
            SandboxLaunchException failure =
                    new SandboxLaunchException(
                            SetupStep.OPEN_STREAMS,
                            -1,
                            "socket for stdin",
                            0,
                            "see java.io.tmpdir, where its name is for a moment",
                            String.valueOf(e));
            failure.initCause(e);
            throw failure;
        }
    }

    private static ProgramSocket meet(ServerSocketChannel server, Path name) throws IOException {
        int theirs =
                LaunchErrors.check(
                        SetupStep.OPEN_STREAMS,
                        "socket for stdin at " + name,
                        Kernel.connectUnix(name.toString()));
        try {
            return new ProgramSocket(accept(server, theirs), theirs);
        } catch (IOException | RuntimeException | Error e) {
            Kernel.close(theirs);
            throw e;
        }
    }

    /// Somebody else of the same user may have come first, so the other end says who it is.
    private static SocketChannel accept(ServerSocketChannel server, int theirs) throws IOException {
        ByteBuffer token = ByteBuffer.allocate(TOKEN_BYTES);
        token.asLongBuffer().put(Kernel.random(TOKEN_BYTES / Long.BYTES));
        LaunchErrors.check(
                SetupStep.OPEN_STREAMS,
                "first bytes of the socket for stdin",
                Kernel.write(theirs, token.array(), 0, TOKEN_BYTES));
        SocketChannel channel = server.accept();
        try {
            // They are there already; of a stranger that says nothing, nothing is waited for.
            channel.configureBlocking(false);
            ByteBuffer said = ByteBuffer.allocate(TOKEN_BYTES);
            channel.read(said);
            if (!said.flip().equals(token)) {
                throw new IOException("another process connected to the name of the socket");
            }
            channel.configureBlocking(true);
            return channel;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /// The program's end, which is the caller's to close.
    int theirs() {
        return theirs;
    }

    /// The JVM's end, which is the caller's to close from now on.
    ///
    /// @throws IllegalStateException if the program has ended and nobody had asked for it
    synchronized SocketChannel ours() {
        if (over && !asked) {
            throw new IllegalStateException(
                    "the run is over, and its socket closed since nobody had asked for it");
        }
        asked = true;
        return ours;
    }

    /// Closes the JVM's end unless somebody has it, who may still read what is left.
    synchronized void programEnded() {
        over = true;
        if (!asked) {
            close();
        }
    }

    /// Closes the JVM's end: nobody will ever read from it.
    void abandon() {
        close();
    }

    private void close() {
        try {
            ours.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
