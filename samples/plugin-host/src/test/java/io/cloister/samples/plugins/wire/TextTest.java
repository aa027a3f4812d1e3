package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void whatMovesATerminalIsWrittenOut() {
        assertThat(Text.visible("a\u001b[2J\r\nb\u202Ec\u2028"))
                .isEqualTo("a\\u001b[2J\\u000d\\u000ab\\u202ec\\u2028");
        assertThat(Text.visible("plain text, ä, 漢, 🙂")).isEqualTo("plain text, ä, 漢, 🙂");
    }

    @Test
    void longTextIsCut() {
        assertThat(Text.visible("x".repeat(100_000))).hasSizeLessThan(600).contains("100000");
    }

    @Test
    void aFaultIsBoundedAndReadableWhateverItSays() {
        assertThat(Fault.decode("{\"type\":\"T\"}".getBytes()).type()).isEqualTo("unreadable");
        assertThat(Fault.decode("null".getBytes()).type()).isEqualTo("null");
        assertThat(Fault.decode("[1]".getBytes()).type()).isEqualTo("unreadable");
        assertThat(Fault.decode(new byte[0]).type()).isEqualTo("unreadable");
        assertThat(new Fault("x".repeat(5000), "y".repeat(5000)).message()).hasSize(2000);
        Fault fault = Fault.of(new IllegalStateException("no"));
        assertThat(Fault.decode(fault.encode())).isEqualTo(fault);
    }
}
