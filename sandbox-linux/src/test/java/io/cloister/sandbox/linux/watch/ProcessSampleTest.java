package io.cloister.sandbox.linux.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessSampleTest {
    /// Of a shell: 12 + 7 ticks of its own, 250 + 31 of children it has waited for.
    private static final String STAT =
            "4711 (%s) S 4700 4711 4700 34816 4711 4194560 1201 53010 0 12 12 7 250 31 20 0 3 0"
                    + " 1234567 9420800 1536 18446744073709551615 1 1 0 0 0 0 65536 4 65538 0 0 0"
                    + " 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

    private static final String STATUS =
            """
            Name:\tbash
            State:\tS (sleeping)
            VmPeak:\t    9420 kB
            VmRSS:\t    6000 kB
            RssAnon:\t    1500 kB
            RssFile:\t    4096 kB
            RssShmem:\t     404 kB
            VmSwap:\t       96 kB
            Threads:\t3
            """;

    @Test
    void readsTimesThreadsAndMemory() {
        assertThat(ProcessSample.parse(STAT.formatted("bash"), STATUS))
                .isEqualTo(
                        new ProcessSample(
                                4700, 1_234_567, 3, 190_000_000, 2_810_000_000L, 2000 * 1024));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "x) R 1 2 3", "((", "))", "a\nb", "\u00ff\u00fe", "1 (x) Z"})
    void theNameOfTheProgramMayBeAnything(String name) {
        assertThat(ProcessSample.parse(STAT.formatted(name), STATUS))
                .isEqualTo(ProcessSample.parse(STAT.formatted("bash"), STATUS));
    }

    @Test
    void aProcessThatHasEndedHasNoMemory() {
        String status = "Name:\tbash\nState:\tZ (zombie)\nThreads:\t1\n";

        assertThat(ProcessSample.parse(STAT.formatted("bash"), status).memoryBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "4711 bash S 1 2 3",
                "4711 (bash) S 1 2 3",
                "4711 (bash) S a b c d e f g h i j k l m n o p q r s t u v w",
            })
    void anotherTextIsRefused(String stat) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessSample.parse(stat, STATUS))
                .withMessage(
                        "/proc/<pid>/stat must hold 19 numbers behind the name, was \"%s\"", stat);
    }

    @Test
    void readsMemoryInProportion() {
        String rollup =
                """
                55d0c7c00000-7ffd4a9fe000 ---p 00000000 00:00 0          [rollup]
                Rss:                6000 kB
                Pss:                2100 kB
                Pss_Anon:           1200 kB
                Pss_File:            700 kB
                Pss_Shmem:           200 kB
                Swap:                 96 kB
                SwapPss:              48 kB
                """;

        assertThat(ProcessSample.proportionalMemory(rollup)).hasValue(1448 * 1024);
    }

    @Test
    void anOldKernelDoesNotTellMemoryInProportion() {
        assertThat(ProcessSample.proportionalMemory("Rss: 6000 kB\nPss: 2100 kB\n")).isEmpty();
    }
}
