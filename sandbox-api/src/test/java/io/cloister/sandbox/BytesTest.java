package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;
import java.util.stream.LongStream;

class BytesTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "4096,4096",
        "7b,7",
        "512k,524288",
        "64m,67108864",
        "64M,67108864",
        "64MiB,67108864",
        "64 MiB,67108864",
        "1g,1073741824",
        "2t,2199023255552",
        "9223372036854775807,9223372036854775807"
    })
    void readsNumbersWithAndWithoutUnit(String text, long value) {
        assertThat(Bytes.parse(text)).isEqualTo(Bytes.of(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "lots", "-1", "1.5m", "64mb", "64 ", " 64", "0x10", "m", "1e3", "٣"})
    void refusesWhatIsNoSize(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bytes.parse(text))
                .withMessage("expected a size such as \"256m\", was \"" + text + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "99999999999g", "8388608t"})
    void refusesMoreThanALong(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bytes.parse(text))
                .withMessageContaining("must be <= 9223372036854775807 bytes");
    }

    @Test
    void takesTheLargestWholeTebibyte() {
        assertThat(Bytes.parse("8388607t").value()).isEqualTo(8388607L << 40);
    }

    @Test
    void refusesANegativeSize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bytes.of(-1))
                .withMessage("a size must be >= 0 bytes, was -1");
        assertThatIllegalArgumentException().isThrownBy(() -> Bytes.mebibytes(-1));
        assertThat(Bytes.of(0).value()).isZero();
    }

    @Test
    void unitsArePowersOf1024() {
        assertThat(Bytes.kibibytes(3).value()).isEqualTo(3L << 10);
        assertThat(Bytes.mebibytes(3).value()).isEqualTo(3L << 20);
        assertThat(Bytes.gibibytes(3).value()).isEqualTo(3L << 30);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "1,1 B",
        "4097,4097 B",
        "4096,4 KiB",
        "67108864,64 MiB",
        "1536,1536 B",
        "1099511627776,1 TiB",
        "1125899906842624,1024 TiB"
    })
    void printsTheLargestUnitWithoutFraction(long value, String text) {
        assertThat(Bytes.of(value)).hasToString(text);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void readsBackWhatItPrints(long value) {
        Bytes size = Bytes.of(value);
        assertThat(Bytes.parse(size.toString())).isEqualTo(size);
        assertThat(Bytes.parse(Units.formatSize(size))).isEqualTo(size);
    }

    static LongStream sizes() {
        Random random = new Random(1);
        return LongStream.concat(
                LongStream.of(0, 1, 1023, 1024, Long.MAX_VALUE),
                LongStream.generate(() -> (random.nextLong() >>> 1) >> random.nextInt(63))
                        .flatMap(value -> LongStream.of(value, value & -1024, value & -(1 << 20)))
                        .limit(300));
    }

    @Test
    void isOrderedByValue() {
        assertThat(Bytes.of(1023)).isLessThan(Bytes.kibibytes(1));
        assertThat(Bytes.of(1024)).isEqualByComparingTo(Bytes.kibibytes(1));
    }
}
