package io.cloister.samples.plugins.wire;

import java.nio.ByteBuffer;
import java.util.Optional;

/// One message: four bytes of length, one of kind, eight of id, then a body of JSON.
///
/// A body is bound to its Java type only by who awaits it, never by what it says of itself.
///
/// @param kind what it is
/// @param id of the call that it is about, chosen by the end that calls
/// @param body JSON; not copied
public record Frame(Kind kind, long id, byte[] body) {

    /// The most bytes of a body. A longer one is refused before any of it is kept.
    public static final int LONGEST_BODY = 1024 * 1024;

    static final int HEAD = Integer.BYTES + Byte.BYTES + Long.BYTES;
    private static final int LEAST = Byte.BYTES + Long.BYTES;
    private static final Kind[] KINDS = Kind.values();
    private static final byte[] NOTHING = {};

    /// What a frame is.
    public enum Kind {
        /// This end can be called.
        READY,
        /// A method shall be called; see [Request].
        CALL,
        /// The method returned. The body is the value.
        REPLY,
        /// The method did not return; see [Fault].
        FAILURE,
        /// Who called no longer waits. It is answered nevertheless.
        CANCEL,
        /// Are you there?
        PING,
        /// I am.
        PONG
    }

    static Frame of(Kind kind, long id) {
        return new Frame(kind, id, NOTHING);
    }

    /// {@return the bytes of this frame, ready to be written}
    ///
    /// @throws IllegalArgumentException if the body is too long
    public ByteBuffer encode() {
        if (body.length > LONGEST_BODY) {
            throw new IllegalArgumentException(
                    "a message must have at most %d bytes, had %d"
                            .formatted(LONGEST_BODY, body.length));
        }
        return ByteBuffer.allocate(HEAD + body.length)
                .putInt(LEAST + body.length)
                .put((byte) kind.ordinal())
                .putLong(id)
                .put(body)
                .flip();
    }

    /// Takes the next frame out of what has arrived.
    ///
    /// @param bytes what has arrived; stays as it is while the frame is not complete
    /// @return the frame; empty while it is not complete
    /// @throws ProtocolException if no frame begins like that
    public static Optional<Frame> decode(ByteBuffer bytes) throws ProtocolException {
        if (bytes.remaining() < Integer.BYTES) {
            return Optional.empty();
        }
        int length = checkedLength(bytes.getInt(bytes.position()));
        if (bytes.remaining() < Integer.BYTES + length) {
            return Optional.empty();
        }
        bytes.getInt();
        int kind = bytes.get();
        if (kind < 0 || kind >= KINDS.length) {
            throw new ProtocolException(
                    "a frame of kind %d; there are 0 to %d".formatted(kind, KINDS.length - 1));
        }
        long id = bytes.getLong();
        byte[] body = length == LEAST ? NOTHING : new byte[length - LEAST];
        bytes.get(body);
        return Optional.of(new Frame(KINDS[kind], id, body));
    }

    /// How many bytes the frame that begins here has; 0 if that has not arrived yet.
    static int size(ByteBuffer bytes) throws ProtocolException {
        return bytes.remaining() < Integer.BYTES
                ? 0
                : Integer.BYTES + checkedLength(bytes.getInt(bytes.position()));
    }

    private static int checkedLength(int length) throws ProtocolException {
        if (length < LEAST || length > LEAST + LONGEST_BODY) {
            throw new ProtocolException(
                    "a frame of %d bytes; it must have %d to %d"
                            .formatted(
                                    Integer.toUnsignedLong(length), LEAST, LEAST + LONGEST_BODY));
        }
        return length;
    }
}
