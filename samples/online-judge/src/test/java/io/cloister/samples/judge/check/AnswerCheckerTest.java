package io.cloister.samples.judge.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.verdict.Finding;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.List;

class AnswerCheckerTest {

    private static Verdict verdict(String flags, String output, String answer) {
        return checker(flags).compare(bytes(output), bytes(answer)).verdict();
    }

    private static AnswerChecker checker(String flags) {
        return AnswerChecker.ofFlags(flags.isEmpty() ? List.of() : List.of(flags.split(" ")));
    }

    private static byte[] bytes(String text) {
        return text.replace('~', ' ').replace("|", "\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /// `~` is a space and `|` a line feed.
    @ParameterizedTest
    @CsvSource({
        "'', 1~2|, 1~2|, AC",
        "'', ~1||2, 1~2|, AC",
        "'', Yes, yES, AC",
        "'', 1, 1~2, WA",
        "'', 1~2~3, 1~2, WA",
        "'', '', 1, WA",
        "'', '', '', AC",
        "'', 1.0, 1, WA",
        "case_sensitive, Yes, yes, WA",
        "case_sensitive, yes, yes, AC",
        "space_change_sensitive, 1~~2|, 1~2|, PE",
        "space_change_sensitive, 1~2, 1~2|, PE",
        "space_change_sensitive, 1~2|, 1~2|, AC",
        "space_change_sensitive, 1~~3|, 1~2|, WA",
        "float_tolerance 1e-6, 0.33333333, 0.3333333333, AC",
        "float_tolerance 1e-6, 3.3e-1, 0.3333333333, WA",
        "float_tolerance 1e-6, 1000000.5, 1000000, AC",
        "float_absolute_tolerance 1e-6, 1000000.5, 1000000, WA",
        "float_relative_tolerance 1e-6, 1000000.5, 1000000, AC",
        "float_relative_tolerance 1e-6, 1e-9, 0, WA",
        "float_absolute_tolerance 1e-6, 1e-9, 0, AC",
        "float_tolerance 1e-6, nan, 0.5, WA",
        "float_tolerance 1e-6, 0x1p3, 8, WA",
        "float_tolerance 1e-6, 8d, 8, WA",
        "float_tolerance 1e-6, 1e999, 8, WA",
        "float_tolerance 1e-6, never, Never, AC",
    })
    void outputsAreComparedAsTheFlagsSay(
            String flags, String output, String answer, Verdict expected) {
        assertThat(verdict(flags, output, answer)).isEqualTo(expected);
    }

    @Test
    void aByteThatIsNoWhiteSpaceIsPartOfAToken() {
        assertThat(verdict("", "6\0", "6")).isEqualTo(Verdict.WA);
        assertThat(verdict("", "6\u00a0", "6")).isEqualTo(Verdict.WA);
        assertThat(verdict("", "6\t\r\u000b\f", "6")).isEqualTo(Verdict.AC);
    }

    @Test
    void theCauseIsAPlaceAndTheWordsAreNothingOfTheAnswer() {
        Finding finding = checker("").compare(bytes("1|\u001b[31m~3"), bytes("1|secret~3"));
        assertThat(finding)
                .isEqualTo(
                        new Finding(
                                Verdict.WA, "token 2 (line 2) is wrong", "it is \"\\u001b[31m\""));
    }

    @Test
    void aCharacterIsNoOtherThatLooksLikeItByteByByte() {
        assertThat(verdict("", "\u00e3\u00a9", "\u00c3\u00a9")).isEqualTo(Verdict.WA);
    }

    @Test
    void flagsThatNobodyKnowsAreRefused() {
        assertThatThrownBy(() -> checker("case_insensitive"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("case_insensitive");
        assertThatThrownBy(() -> checker("float_tolerance"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("float_tolerance");
        assertThatThrownBy(() -> checker("float_tolerance -1"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
