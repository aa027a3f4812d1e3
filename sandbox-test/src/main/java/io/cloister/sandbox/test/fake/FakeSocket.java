package io.cloister.sandbox.test.fake;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/// The socket of a fake command, which reads from it and writes nothing. To close it closes the
/// program's end.
///
/// @param ours the caller's end
/// @param theirs the program's end
record FakeSocket(SocketChannel ours, SocketChannel theirs) implements Closeable {

    static FakeSocket open() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(null);
            UnixDomainSocketAddress name = (UnixDomainSocketAddress) server.getLocalAddress();
            try {
                SocketChannel ours = SocketChannel.open(name);
                return new FakeSocket(ours, server.accept());
            } finally {
                Files.delete(name.getPath());
            }
        }
    }

    /// What the caller writes.
    InputStream read() {
        return Channels.newInputStream(theirs);
    }

    @Override
    public void close() throws IOException {
        theirs.close();
    }
}
