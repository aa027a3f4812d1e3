package io.cloister.sandbox.linux.terminal;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.TerminalCalls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/// What a terminal does with what passes: struct termios of the kernel. Immutable.
public final class TerminalAttributes {

    // struct termios { tcflag_t c_iflag, c_oflag, c_cflag, c_lflag; cc_t c_line, c_cc[19]; }
    private static final int IFLAG = 0;
    private static final int OFLAG = 4;
    private static final int CFLAG = 8;
    private static final int LFLAG = 12;
    private static final int CC = 17;

    // asm-generic/termbits.h
    private static final int VEOF = 4;
    private static final int VTIME = 5;
    private static final int VMIN = 6;
    private static final int OPOST = 01;
    private static final int CSIZE = 060;
    private static final int CS8 = 060;
    private static final int PARENB = 0400;
    private static final int ISIG = 01;
    private static final int ICANON = 02;
    private static final int ECHO = 010;
    private static final int ECHONL = 0100;
    private static final int IEXTEN = 0100000;

    /// IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON.
    private static final int INPUT_CHANGES = 01 | 02 | 010 | 040 | 0100 | 0200 | 0400 | 02000;

    private final byte[] bytes;

    /// @param bytes the structure; copied
    TerminalAttributes(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /// The attributes of the terminal behind `fd`; of a pseudo-terminal either side will do.
    ///
    /// @return empty if it is no terminal, or gone
    public static Optional<TerminalAttributes> of(int fd) {
        byte[] bytes = new byte[TerminalCalls.ATTRIBUTES_SIZE];
        return TerminalCalls.attributes(fd, bytes) < 0
                ? Optional.empty()
                : Optional.of(new TerminalAttributes(bytes));
    }

    /// Gives them to the terminal behind `fd`.
    ///
    /// @return 0, or -errno
    public int applyTo(int fd) {
        return TerminalCalls.setAttributes(fd, bytes);
    }

    /// The same in raw mode, as cfmakeraw(3) has it.
    public TerminalAttributes raw() {
        ByteBuffer raw = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.nativeOrder());
        raw.putInt(IFLAG, raw.getInt(IFLAG) & ~INPUT_CHANGES);
        raw.putInt(OFLAG, raw.getInt(OFLAG) & ~OPOST);
        raw.putInt(CFLAG, raw.getInt(CFLAG) & ~(CSIZE | PARENB) | CS8);
        raw.putInt(LFLAG, raw.getInt(LFLAG) & ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN));
        raw.put(CC + VMIN, (byte) 1);
        raw.put(CC + VTIME, (byte) 0);
        return new TerminalAttributes(raw.array());
    }

    /// Whether lines are edited before they are passed on.
    public boolean isCanonical() {
        return (ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(LFLAG) & ICANON) != 0;
    }

    /// The character for the end of input; empty if there is none.
    public Optional<Byte> endOfInput() {
        byte character = bytes[CC + VEOF];
        return character == 0 ? Optional.empty() : Optional.of(character);
    }

    /// A copy of the structure.
    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TerminalAttributes their && Arrays.equals(bytes, their.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// What an errno of a terminal means that is gone.
    static boolean isGone(int result) {
        return Errno.EIO.is(result) || Errno.ENXIO.is(result) || Errno.ENOTTY.is(result);
    }
}
