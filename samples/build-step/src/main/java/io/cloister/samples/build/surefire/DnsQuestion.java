package io.cloister.samples.build.surefire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The name that a query to a name server asks for. Source: RFC 1035, 4.1.
final class DnsQuestion {
    private static final int HEADER = 12;
    private static final int FLAG_RESPONSE = 0x8000;

    /// The port of name servers.
    static final int PORT = 53;

    /// No query of UDP is longer.
    static final int LONGEST = 512;

    private DnsQuestion() {}

    static Optional<String> name(byte[] query) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(query);
            boolean asksOnce = (buffer.getShort(2) & FLAG_RESPONSE) == 0 && buffer.getShort(4) == 1;
            List<String> labels = new ArrayList<>();
            buffer.position(HEADER);
            for (int length = buffer.get(); length != 0; length = buffer.get()) {
                if (length < 0) {
                    return Optional.empty();
                }
                byte[] label = new byte[length];
                buffer.get(label);
                labels.add(new String(label, StandardCharsets.UTF_8));
            }
            return Optional.of(String.join(".", labels)).filter(_ -> asksOnce);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
