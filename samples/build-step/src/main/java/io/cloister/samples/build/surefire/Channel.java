package io.cloister.samples.build.surefire;

import io.cloister.sandbox.Input;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/// Where the tests talk to Maven: over standard input and output, or, where the pom has a
/// `SurefireForkNodeFactory`, over a socket of the host's loopback device. No socket of the host
/// can be reached from inside, so the launcher dials it, and the tests are told to use a pipe: what
/// is said is the same.
///
/// @param input what Maven says
/// @param output takes what the tests say
record Channel(Input input, WritableByteChannel output) implements AutoCloseable {
    /// Its value is `pipe://1` or `tcp://127.0.0.1:12345?sessionId=...`.
    static final String PROPERTY = "forkNodeConnectionString";

    /// What the tests are told in any case.
    static final String PIPE = "pipe://1";

    private static final String SESSION = "sessionId=";

    static Channel open(Invocation invocation) throws IOException {
        Optional<URI> socket =
                invocation
                        .booter()
                        .flatMap(it -> it.property(PROPERTY))
                        .filter(it -> it.startsWith("tcp:"))
                        .map(URI::create);
        return socket.isPresent()
                ? dial(socket.get())
                : new Channel(
                        Input.inherit(), new FileOutputStream(FileDescriptor.out).getChannel());
    }

    private static Channel dial(URI address) throws IOException {
        InetSocketAddress maven = new InetSocketAddress(address.getHost(), address.getPort());
        if (maven.isUnresolved() || !maven.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "%s must be an address of the loopback device, was %s"
                            .formatted(PROPERTY, address));
        }
        SocketChannel socket = SocketChannel.open(maven);
        String query = Optional.ofNullable(address.getQuery()).orElse("");
        Optional<String> session =
                Stream.of(query.split("&")).filter(it -> it.startsWith(SESSION)).findFirst();
        if (session.isPresent()) {
            String id = session.get().substring(SESSION.length());
            write(socket, ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII)));
        }
        return new Channel(Input.stream(Channels.newInputStream(socket)), socket);
    }

    void write(ByteBuffer bytes) throws IOException {
        write(output, bytes);
    }

    private static void write(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        output.close();
    }
}
