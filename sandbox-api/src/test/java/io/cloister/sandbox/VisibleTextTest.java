package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

class VisibleTextTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "escape, `\u001b[31mred`, \\u001b[31mred",
                "C1 control, `\u009b31m`, \\u009b31m",
                "line end, `a\nb\r\tc`, a\\u000ab\\u000d\\u0009c",
                "other line ends, `a\u2028b\u2029c\u0085`, a\\u2028b\\u2029c\\u0085",
                "direction, `user\u202etxt.exe`, user\\u202etxt.exe",
                "tag of plane 14, `\udb40\udc41`, \\udb40\\udc41",
                "half a pair, `a\ud800b`, a\\ud800b",
                "delete, `\u007f`, \\u007f"
            })
    void whatATerminalActsUponIsWrittenOut(String what, String text, String shown) {
        assertThat(VisibleText.line(text, 100)).as(what).isEqualTo(shown);
    }

    @Test
    void ordinaryTextStandsForItself() {
        String text = "na\u00efve \u20ac 5, \ud83d\ude00 \u4f60\u597d a\\nb <b>";
        assertThat(VisibleText.line(text, 100)).isEqualTo(text);
        assertThat(VisibleText.lines(text + "\n\tx\n", 100)).isEqualTo(text + "\n\tx\n");
    }

    @Test
    void linesKeepTheirEndsAndNothingElse() {
        assertThat(VisibleText.lines("a\r\nb\u001b", 100)).isEqualTo("a\\u000d\nb\\u001b");
        byte[] bytes = {'a', '\n', (byte) 0xff, 0x1b};
        assertThat(VisibleText.lines(bytes, 100)).isEqualTo("a\n\ufffd\\u001b");
    }

    @Test
    void aTextMayBeShownWhole() {
        String text = "a\u001b\n".repeat(1_000);
        assertThat(VisibleText.line(text)).isEqualTo("a\\u001b\\u000a".repeat(1_000));
        assertThat(VisibleText.lines(text)).isEqualTo("a\\u001b\n".repeat(1_000));
    }

    @Test
    void theAmountIsBounded() {
        String text = "abc".repeat(1_000);
        assertThat(VisibleText.line(text, 5)).isEqualTo("abcab ...");
        assertThat(VisibleText.lines(text, 5)).isEqualTo("abcab\n... (2995 characters more)");
        assertThat(VisibleText.lines(text.getBytes(StandardCharsets.UTF_8), 5))
                .isEqualTo("abcab\n... (2995 bytes more)");
        assertThat(VisibleText.line("abc", 3)).isEqualTo("abc");
        assertThat(VisibleText.line("a\ud83d\ude00b", 2)).isEqualTo("a ...");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisibleText.line("", -1))
                .withMessage("most must be >= 0, was -1");
    }
}
