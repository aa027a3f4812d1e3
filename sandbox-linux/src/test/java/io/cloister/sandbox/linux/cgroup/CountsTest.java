package io.cloister.sandbox.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountsTest {

    @Test
    void aKeyIsAWholeWordAtTheStartOfALine() {
        String text = "max 1\noom 2\noom_kill 3\nx oom_group_kill 4\n";

        assertThat(Counts.keyed(text, "oom")).hasValue(2L);
        assertThat(Counts.keyed(text, "oom_kill")).hasValue(3L);
        assertThat(Counts.keyed(text, "oom_group_kill")).isEmpty();
        assertThat(Counts.keyed(text, "kill")).isEmpty();
        assertThat(Counts.keyed("oom 7", "oom")).hasValue(7L);
    }

    @Test
    void aNumberIsReadAndMaxIsNone() {
        assertThat(Counts.number("42\n")).hasValue(42L);
        assertThat(Counts.number("max\n")).isEmpty();
        assertThat(Counts.number("")).isEmpty();
    }

    @Test
    void devicesAreSummedUp() {
        String v2 = "8:0 rbytes=10 wbytes=1 rios=2\n7:0 \n8:16 rbytes=5 dbytes=3\n";
        String v1 = "8:0 Read 10\n8:0 Write 4\n8:16 Read 5\nTotal 19\n";

        assertThat(Counts.sumOfPairs(v2, "rbytes")).isEqualTo(15);
        assertThat(Counts.sumOfDevices(v1, "Read")).isEqualTo(15);
        assertThat(Counts.sumOfDevices(v1, "Write")).isEqualTo(4);
    }

    @Test
    void pressureIsInNanoseconds() {
        String text =
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n"
                        + "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n";

        assertThat(Counts.pressure(text, "some")).hasValue(12_000L);
        assertThat(Counts.pressure(text, "full")).hasValue(3_000L);
        assertThat(Counts.pressure("", "full")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"0-1,3; {0, 1, 3}", "2; {2}", "'0,1\n'; {0, 1}", "''; {}", "a,1-; {}"})
    void listsOfCpusAreRead(String text, String numbers) {
        assertThat(NumberList.parse(text)).hasToString(numbers);
    }
}
