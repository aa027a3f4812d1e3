package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.samples.cli.MountArgument.BindArgument;
import io.cloister.samples.cli.MountArgument.TmpfsArgument;
import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;

class MountArgumentTest {
    @ParameterizedTest
    @CsvSource({
        "/usr, /usr, /usr",
        "/a:/b, /a, /b",
        "/a:b, /a:b, /a:b",
        "/a:b:/c:d, /a:b, /c:d",
        "/a:/b:/c, /a:/b, /c",
        "/a/../b/.:/c, /b, /c",
        "/:/host, /, /host"
    })
    void aBindIsSplitAtTheLastColonBeforeASlash(String text, Path path, String destination) {
        assertThat(BindArgument.parse(text)).isEqualTo(new BindArgument(path, destination));
    }

    @Test
    void aRelativePathBeginsAtTheCurrentDirectory() {
        Path here = Path.of("").toAbsolutePath();

        assertThat(BindArgument.parse("out:/work"))
                .isEqualTo(new BindArgument(here.resolve("out"), "/work"));
        assertThat(BindArgument.parse(".")).isEqualTo(new BindArgument(here, here.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":/work"})
    void anEmptyPathIsRefusedAndDoesNotMeanTheCurrentDirectory(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BindArgument.parse(text))
                .withMessage("a path of the host must not be empty");
    }

    @ParameterizedTest
    @CsvSource({
        "/x, /x, 64m",
        "/x:1m, /x, 1m",
        "/a:b:1k, /a:b, 1k",
        "/a:/b, /a:/b, 64m",
        "/a:/b:5, /a:/b, 5"
    })
    void aTmpfsIsSplitAtItsLastColon(String text, String destination, String size) {
        assertThat(TmpfsArgument.parse(text))
                .isEqualTo(new TmpfsArgument(destination, Bytes.parse(size)));
    }

    @Test
    void aSizeThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TmpfsArgument.parse("/x:lots"))
                .withMessageContaining("\"lots\"");
    }
}
