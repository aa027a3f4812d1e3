package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "2s,PT2S",
        "500ms,PT0.5S",
        "1.5s,PT1.5S",
        "1m,PT1M",
        "2h,PT2H",
        "1d,PT24H",
        "-30s,PT-30S",
        "-1.5s,PT-1.5S",
        "10us,PT0.00001S",
        "7ns,PT0.000000007S",
        "0s,PT0S",
        "0.5m,PT30S",
        "1.000000001s,PT1.000000001S"
    })
    void readsOneNumberWithOneUnit(String text, Duration duration) {
        assertThat(Units.parseDuration(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "soon", "2 s", "1m30s", "+1s", "--1s", "1S", ".5s", "1.s"})
    void refusesWhatIsNoDuration(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseDuration(text))
                .withMessage(
                        "expected a duration such as \"500ms\", \"2s\" or \"1m\", was \""
                                + text
                                + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5ns", "1.0001us", "9223372036854775808s", "999999999999999999d"})
    void refusesWhatNoDurationCanHold(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseDuration(text))
                .withMessageContaining("was \"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S,0s",
        "PT2S,2s",
        "PT90S,90s",
        "PT5M,5m",
        "PT90M,90m",
        "PT2H,2h",
        "PT24H,1d",
        "PT1.5S,1.5s",
        "PT0.5S,500ms",
        "PT0.0005S,500us",
        "PT0.000000007S,7ns",
        "PT-1.5S,-1.5s",
        "PT-1H,-1h",
        "PT-0.25S,-250ms",
        "PT-2562047788015215H-30M-8S,-9223372036854775808s"
    })
    void writesTheLargestUnitThatSuits(Duration duration, String text) {
        assertThat(Units.formatDuration(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S,0s",
        "PT1.5S,1.5s",
        "PT0.02S,20ms",
        "PT5M,5m",
        "PT1.234567891S,1.234s",
        "PT59.9999999S,59.999s",
        "PT0.999999999S,999ms",
        "PT0.0123456S,12ms",
        "PT0.003456789S,3.456ms",
        "PT0.000345678S,345us",
        "PT0.000000345S,345ns",
        "PT-0.003456789S,-3.456ms",
        "PT-1.234567891S,-1.234s"
    })
    void showsNoDigitThatNobodyReads(Duration duration, String text) {
        assertThat(Units.showDuration(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("durations")
    void readsBackWhatItWrites(Duration duration) {
        assertThat(Units.parseDuration(Units.formatDuration(duration))).isEqualTo(duration);
    }

    static Stream<Duration> durations() {
        Random random = new Random(2);
        return Stream.concat(
                Stream.of(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)),
                Stream.generate(() ->
                                Duration.ofSeconds(
                                        random.nextLong() >> random.nextInt(1, 63),
                                        random.nextInt(3) == 0 ? 0 : random.nextInt(1_000_000_000)))
                        .limit(300));
    }
}
