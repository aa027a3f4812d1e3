package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class ErrnoTest {

    private static final Pattern DEFINE = Pattern.compile("#define\\s+(E\\w+)\\s+(\\d+)\\b.*");

    @Test
    void theNumbersAreThoseOfTheKernelsHeaders() throws IOException {
        Map<String, Integer> numbers = new HashMap<>();
        for (String name : new String[] {"errno-base.h", "errno.h"}) {
            Path header = Path.of("/usr/include/asm-generic", name);
            Assumptions.assumeTrue(Files.exists(header), "no " + header + " here");
            for (String line : Files.readAllLines(header)) {
                Matcher define = DEFINE.matcher(line);
                if (define.matches()) {
                    numbers.put(define.group(1), Integer.parseInt(define.group(2)));
                }
            }
        }
        assertThat(numbers).hasSizeGreaterThan(100);
        for (Errno errno : Errno.values()) {
            assertThat(numbers).containsEntry(errno.name(), errno.number());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyErrorHasItsNameAndAMeaning(Errno errno) {
        assertThat(Errno.nameOf(errno.number())).isEqualTo(errno.name());
        assertThat(Errno.meaningOf(errno.number())).isEqualTo(errno.meaning()).isNotBlank();
        assertThat(errno.negated()).isEqualTo(-errno.number());
        assertThat(errno.is(-errno.number())).isTrue();
        assertThat(errno.is(errno.number())).isFalse();
        assertThat(errno.is(0)).isFalse();
    }

    @Test
    void aNumberThatIsNotInTheTableIsStillTold() {
        for (int number : new int[] {0, -1, 133, 255, 256, 4095, Integer.MIN_VALUE}) {
            assertThat(Errno.nameOf(number)).isEqualTo("E#" + number);
            assertThat(Errno.meaningOf(number)).isEqualTo("error " + number);
        }
    }
}
