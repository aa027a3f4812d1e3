package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Random;

class SandboxPathTest {

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "/a/b c/d", "/grün/日本/😀", "/...", "/a\\b", "/a\nb"})
    void aPathIsItsCharactersInUtf8(String text) {
        SandboxPath path = SandboxPath.of(text);
        assertThat(path.bytes()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        assertThat(SandboxPath.parse(path.toString())).isEqualTo(path).hasSameHashCodeAs(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a", "./a", "//", "/a/", "/a//b", "/.", "/..", "/a/../b", "/a\0b", "/\ud800"
            })
    void whatIsNoPathIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SandboxPath.of(text));
    }

    @Test
    void aNameHasAtMost255Bytes() {
        assertThat(SandboxPath.ROOT.resolve("x".repeat(255)).name()).hasSize(255);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxPath.ROOT.resolve("ü".repeat(128)))
                .withMessageContaining("255");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/a", "../x", "a\0"})
    void aNameFromOutsideCannotLeadElsewhere(String name) {
        SandboxPath work = SandboxPath.of("/work");
        assertThatIllegalArgumentException().isThrownBy(() -> work.resolve(name));
    }

    @Test
    void whatIsNotVisibleIsShownAsBytes() {
        byte[] odd = {'a', '\n', 27, (byte) 0xff, (byte) 0xc3, 'b', '\\', (byte) 0xe2, (byte) 0x80};
        SandboxPath path = SandboxPath.of("/d").resolve(odd);
        assertThat(path).hasToString("/d/a\\x0a\\x1b\\xff\\xc3b\\\\\\xe2\\x80");
        assertThat(path.name()).isEqualTo(odd);
        // U+202E turns the text around that follows it.
        assertThat(SandboxPath.of("/a\u202eb")).hasToString("/a\\xe2\\x80\\xaeb");
        assertThat(SandboxPath.of("/\u2028\u0085")).hasToString("/\\xe2\\x80\\xa8\\xc2\\x85");
    }

    @Test
    void anyBytesComeBackFromTheTextAndTheTextIsSafeToPrint() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] name = new byte[1 + random.nextInt(12)];
            random.nextBytes(name);
            for (int j = 0; j < name.length; j++) {
                name[j] = name[j] == 0 || name[j] == '/' ? (byte) '\\' : name[j];
            }
            if (name[0] == '.') {
                name[0] = 'x';
            }
            SandboxPath path = SandboxPath.of("/d").resolve(name);
            assertThat(SandboxPath.parse(path.toString())).isEqualTo(path);
            assertThat(path.toString().codePoints()).noneMatch(Character::isISOControl);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\\", "/a\\n", "/a\\x", "/a\\x1", "/a\\xgg", "/a\\x00", "/\\x2e"})
    void aWrongEscapeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SandboxPath.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"/, ''", "/a, a", "/a/b, b"})
    void theNameIsTheLastOne(String path, String name) {
        assertThat(SandboxPath.of(path).nameText()).isEqualTo(name);
    }

    @Test
    void theParentIsWhereItLies() {
        assertThat(SandboxPath.ROOT.parent()).isEmpty();
        assertThat(SandboxPath.of("/a").parent()).contains(SandboxPath.ROOT);
        assertThat(SandboxPath.of("/a/b").parent()).contains(SandboxPath.of("/a"));
        assertThat(SandboxPath.of("/a")).isLessThan(SandboxPath.of("/a/b"));
        assertThat(SandboxPath.ROOT.resolve("a")).isEqualTo(SandboxPath.of("/a"));
    }
}
