package io.cloister.sandbox.syscall;

import io.cloister.sandbox.check.Texts;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/// An address that a program gave to `bind`, `connect` or `sendto`, as
/// [SyscallRequest#socketAddress(int, int)] reads it. Source: unix(7), ip(7), ipv6(7).
///
/// @param text for people, for example `127.0.0.1:80`, `[0:0:0:0:0:0:0:1]:80`, `/run/x.sock`, or
///   `@x` of the abstract namespace; what a terminal would act upon is written out
/// @param host of IP; empty for other families
/// @param port of IP; empty for other families
/// @param path of a socket in the file tree, as the program gave it; empty for others
public record SocketAddress(
        String text, Optional<InetAddress> host, OptionalInt port, Optional<String> path) {

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    /// The size of the largest `struct sockaddr`, that of unix(7).
    static final int LONGEST = 110;

    private static final int IPV4_SIZE = 8;
    private static final int IPV6_SIZE = 24;

    /// {@return what a `struct sockaddr` says; empty if it is cut off}
    ///
    /// @param bytes the structure, as the program's memory has it
    public static Optional<SocketAddress> of(byte[] bytes) {
        if (bytes.length < 2) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int family = buffer.order(ByteOrder.LITTLE_ENDIAN).getShort();
        buffer.order(ByteOrder.BIG_ENDIAN);
        return switch (family) {
            case AF_UNIX -> Optional.of(unix(bytes));
            case AF_INET -> bytes.length < IPV4_SIZE ? Optional.empty() : ip(buffer, 4, 4);
            case AF_INET6 -> bytes.length < IPV6_SIZE ? Optional.empty() : ip(buffer, 8, 16);
            default ->
                    Optional.of(
                            new SocketAddress(
                                    "family " + family,
                                    Optional.empty(),
                                    OptionalInt.empty(),
                                    Optional.empty()));
        };
    }

    /// An abstract name begins with a NUL, and is written with an `@`.
    private static SocketAddress unix(byte[] bytes) {
        boolean named = bytes.length > 2;
        boolean isAbstract = named && bytes[2] == 0;
        int start = isAbstract ? 3 : 2;
        int end = start;
        while (end < bytes.length && (isAbstract || bytes[end] != 0)) {
            end++;
        }
        String name =
                new String(
                        Arrays.copyOfRange(bytes, Math.min(start, bytes.length), end),
                        StandardCharsets.UTF_8);
        String text = (isAbstract ? "@" : "") + Texts.visible(name);
        Optional<String> path = Optional.of(name).filter(it -> !isAbstract && !it.isEmpty());
        return new SocketAddress(text, Optional.empty(), OptionalInt.empty(), path);
    }

    private static Optional<SocketAddress> ip(ByteBuffer buffer, int addressAt, int length) {
        byte[] address = new byte[length];
        buffer.get(addressAt, address);
        int port = Short.toUnsignedInt(buffer.getShort(2));
        try {
            InetAddress host = InetAddress.getByAddress(address);
            return Optional.of(
                    new SocketAddress(
                            shown(host, port),
                            Optional.of(host),
                            OptionalInt.of(port),
                            Optional.empty()));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + length + " bytes", e);
        }
    }

    /// An address of IPv4 within one of IPv6 (`::ffff:192.0.2.1`) is the one of IPv4 to Java, as it
    /// is to the network.
    private static String shown(InetAddress host, int port) {
        String address = host.getHostAddress();
        return (address.contains(":") ? "[%s]:%d" : "%s:%d").formatted(address, port);
    }
}
