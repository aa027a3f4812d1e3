package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0            | 1",
                "7            | 1",
                "0-0          | 1",
                "0-1          | 2",
                "0-127        | 128",
                "0-3,8        | 5",
                "0,2,4        | 3",
                "0-1,4-7,1023 | 7"
            })
    void aListIsCountedByItsRanges(String list, int count) {
        assertThat(Processors.count(list)).isEqualTo(count);
    }

    @Test
    @Tag("kernel")
    void theJvmHasNoMoreThanAreOnline() {
        assertThat(Processors.online())
                .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }
}
