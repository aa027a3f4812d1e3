package io.cloister.sandbox.linux.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.TerminalCalls;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

class TerminalAttributesTest {

    /// What a new terminal of Linux has (tty_std_termios): icrnl ixon, opost onlcr, cs8 cread
    /// b38400, isig icanon echo echoe echok echoctl echoke iexten.
    private static TerminalAttributes fresh() {
        ByteBuffer bytes =
                ByteBuffer.allocate(TerminalCalls.ATTRIBUTES_SIZE).order(ByteOrder.nativeOrder());
        bytes.putInt(0x500).putInt(0x5).putInt(0xbf).putInt(0x8a3b);
        bytes.put(17 + 4, (byte) 4).put(17 + 5, (byte) 9).put(17 + 6, (byte) 0);
        return new TerminalAttributes(bytes.array());
    }

    @Test
    void rawModeClearsWhatCfmakerawClears() {
        ByteBuffer raw = ByteBuffer.wrap(fresh().raw().bytes()).order(ByteOrder.nativeOrder());
        assertThat(raw.getInt()).isZero();
        assertThat(raw.getInt()).isEqualTo(0x4);
        assertThat(raw.getInt()).isEqualTo(0xbf);
        assertThat(raw.getInt()).isEqualTo(0xa30);
        assertThat(raw.get(17 + 5)).isZero();
        assertThat(raw.get(17 + 6)).isOne();
        assertThat(fresh().raw().raw()).isEqualTo(fresh().raw()).isNotEqualTo(fresh());
    }

    @Test
    void theEndOfInputIsKnown() {
        assertThat(fresh().isCanonical()).isTrue();
        assertThat(fresh().raw().isCanonical()).isFalse();
        assertThat(fresh().raw().endOfInput()).contains((byte) 4);
        byte[] without = fresh().bytes();
        without[17 + 4] = 0;
        assertThat(new TerminalAttributes(without).endOfInput()).isEmpty();
    }
}
