package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void whatIsReadableStays() {
        assertThat(Printable.line("päth \"x\" \ud83d\ude00")).isEqualTo("päth \"x\" \ud83d\ude00");
    }

    @Test
    void whatATerminalObeysIsWrittenOut() {
        assertThat(Printable.line("a\u001b[31m\r\n\u009b\u202e\u2028\ud83d"))
                .isEqualTo("a\\u001b[31m\\u000d\\u000a\\u009b\\u202e\\u2028\\ud83d");
    }

    @Test
    void linesKeepTheirEnds() {
        assertThat(Printable.lines("a\n\tb\u0007\n")).isEqualTo("a\n    b\\u0007\n");
    }
}
