package io.cloister.samples.build.surefire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// An internet address that a program dials. Source: ip(7), ipv6(7).
///
/// @param host the address
/// @param port its port
record SocketAddress(InetAddress host, int port) {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final int AF_UNIX = 1;

    /// The size of the largest `struct sockaddr`, that of unix(7).
    static final int LONGEST = 110;

    /// The path of a socket in the file tree; empty for all others.
    static Optional<String> path(byte[] bytes) {
        if (bytes.length < 3 || family(bytes) != AF_UNIX || bytes[2] == 0) {
            return Optional.empty();
        }
        int end = 2;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Optional.of(new String(bytes, 2, end - 2, StandardCharsets.UTF_8));
    }

    private static int family(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getShort();
    }

    /// Reads a `struct sockaddr`; empty for other families, and where it is cut off.
    static Optional<SocketAddress> of(byte[] bytes) {
        if (bytes.length < 2) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return switch (family(bytes)) {
            case AF_INET -> at(buffer, 4, 4);
            case AF_INET6 -> at(buffer, 8, 16);
            default -> Optional.empty();
        };
    }

    private static Optional<SocketAddress> at(ByteBuffer buffer, int position, int length) {
        if (buffer.capacity() < position + length) {
            return Optional.empty();
        }
        byte[] address = new byte[length];
        buffer.get(position, address);
        try {
            int port = Short.toUnsignedInt(buffer.getShort(2));
            return Optional.of(new SocketAddress(InetAddress.getByAddress(address), port));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + length + " bytes", e);
        }
    }

    /// Whether it lies in the sandbox: its loopback device, or no address at all.
    boolean isInside() {
        return host.isLoopbackAddress() || host.isAnyLocalAddress();
    }

    @Override
    public String toString() {
        String text = host.getHostAddress();
        return (text.contains(":") ? "[" + text + "]:" : text + ":") + port;
    }
}
