package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class FindingTest {

    private static String counters(int changed) {
        return IntStream.range(0, 200)
                .mapToObj(i -> "Counter" + i + ": 0 " + (i < changed ? 7 : 0) + " 0")
                .collect(Collectors.joining("\n"));
    }

    @Test
    void whatIsTheSameIsNone() {
        assertThat(Finding.ofLines("network", counters(0), counters(0))).isEmpty();
        assertThat(Finding.summary(List.of())).isEmpty();
    }

    @Test
    void linesAreCountedAndTheFirstFieldIsNamed() {
        Finding finding = Finding.ofLines("network", counters(0), counters(100)).orElseThrow();
        assertThat(finding.summary())
                .isEqualTo(
                        "network: lines that differ: 100, the first: value 2 of Counter0 was 0, is"
                                + " 7");
        assertThat(finding.details()).contains("was \"Counter3: 0 0 0\", is \"Counter3: 0 7 0\"");
    }

    @Test
    void aNameMayHaveWords() {
        assertThat(
                        Finding.ofLines(
                                        "first process",
                                        "Max open files  20000  20000  files",
                                        "Max open files  20000  10  files")
                                .orElseThrow()
                                .summary())
                .endsWith("the first: value 2 of Max open files was 20000, is 10");
    }

    @Test
    void aLineThatIsNewOrHasOtherFieldsIsShown() {
        assertThat(Finding.ofLines("mounts", "a b\n", "a b\nc d\n").orElseThrow().summary())
                .isEqualTo("mounts: lines that differ: 1, the first: was nothing, is \"c d\"");
        assertThat(Finding.ofLines("mounts", "a b", "a b c").orElseThrow().summary())
                .isEqualTo("mounts: lines that differ: 1, the first: was \"a b\", is \"a b c\"");
    }

    @Test
    void controlCharactersAreWrittenOut() {
        Finding finding = Finding.of("/tmp/\u001b[2J\nfake");
        assertThat(finding.summary()).isEqualTo("/tmp/\\u001b[2J\\u000afake");
        assertThat(finding.details()).isEqualTo(finding.summary());
        assertThat(Finding.of("/tmp/ä ☃").summary()).isEqualTo("/tmp/ä ☃");
    }

    @Test
    void theFirstFewAreToldInShortAndTheOthersCounted() {
        List<Finding> findings =
                Stream.of("a", "b", "x".repeat(5000), "d", "network: e").map(Finding::of).toList();
        String summary = Finding.summary(findings).orElseThrow();
        assertThat(summary).startsWith("a; b; xxx").endsWith("...; and 2 more: d, network");
        assertThat(summary.length()).isLessThan(220);
        assertThat(findings.get(2).details()).hasSize(5000);
    }
}
