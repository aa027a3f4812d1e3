package io.cloister.samples.plugins.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class LineLogTest {
    private final List<String> lines = new ArrayList<>();
    private final LineLog log = new LineLog(lines::add);

    private void write(String text) {
        log.accept(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void outputBecomesLinesThatAreVisible() {
        write("one\ntw");
        write("o\u001b[2J\n");

        assertThat(lines).containsExactly("one", "two\\u001b[2J");
    }

    @Test
    void longLinesAreCutBetweenCharactersAndNothingIsLost() {
        write("x" + "ä".repeat(2000));
        log.end();

        assertThat(lines).hasSizeBetween(4, 6).allSatisfy(l -> assertThat(l).doesNotContain("..."));
        assertThat(String.join("", lines)).isEqualTo("x" + "ä".repeat(2000));
    }

    @Test
    void lastWordsWithoutAnEndAreTold() {
        write("Killed");
        log.end();
        log.end();

        assertThat(lines).containsExactly("Killed");
    }
}
