package io.cloister.samples.build.surefire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

class EventStreamTest {
    private static final String OF_SUREFIRE_2 =
            "I,1,java.version,17\n1,1,org.example.FirstTest,null,null,null\n";
    private static final String OF_MILESTONE_4 =
            ":maven:surefire:std:out:testset-starting:normal-run:UTF-8:"
                    + "b3JnLmV4YW1wbGUuRmlyc3RUZXN0:-:-:-:-\n";
    private static final String OF_SUREFIRE_3 =
            ":maven-surefire-event:\u0010:testset-starting:\n:normal-run:\u0001\0\0\0\u0001"
                    + "\0\0\0\0:\u0005:UTF-8:\0\0\0\u0015:org.example.FirstTest:\0\0\0\u0001:\0:";

    private final EventStream events = new EventStream();

    private void accept(String text) {
        events.accept(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {OF_SUREFIRE_2, OF_MILESTONE_4, OF_SUREFIRE_3})
    void theClassThatBeginsIsFoundInEachVersion(String written) {
        accept(written);
        assertThat(events.at(Instant.now(), Duration.ZERO)).isEqualTo("org.example.FirstTest");
    }

    @ParameterizedTest
    @ValueSource(strings = {OF_SUREFIRE_2, OF_MILESTONE_4, OF_SUREFIRE_3})
    void theClassThatBeginsIsFoundByteByByte(String written) {
        written.chars().forEach(c -> accept(String.valueOf((char) c)));
        assertThat(events.at(Instant.now(), Duration.ZERO)).isEqualTo("org.example.FirstTest");
    }

    @Test
    void theLastOneCounts() {
        accept(OF_SUREFIRE_3 + OF_SUREFIRE_3.replace("First", "Other"));
        assertThat(events.at(Instant.now(), Duration.ZERO)).isEqualTo("org.example.OtherTest");
    }

    @Test
    void theClassOfAnEarlierTimeIsKnown() throws InterruptedException {
        Instant before = Instant.now().minusMillis(1);
        accept(OF_SUREFIRE_3);
        Thread.sleep(2);
        Instant between = Instant.now();
        Thread.sleep(2);
        accept(OF_SUREFIRE_3.replace("First", "Other"));
        assertThat(events.at(before, Duration.ZERO)).isEmpty();
        assertThat(events.at(between, Duration.ofSeconds(1)))
                .isEqualTo("org.example.FirstTest or org.example.OtherTest");
        assertThat(events.at(between, Duration.ZERO)).isEqualTo("org.example.FirstTest");
    }

    @Test
    void noClassBeginsInOtherOutput() {
        accept("11,1,org.example.FirstTest,\n:testset-completed:\n:normal-run:");
        assertThat(events.at(Instant.now(), Duration.ZERO)).isEmpty();
    }

    @Test
    void whatIsReadStaysAsItWas() {
        ByteBuffer bytes = ByteBuffer.wrap(OF_SUREFIRE_3.getBytes(StandardCharsets.ISO_8859_1));
        events.accept(bytes);
        assertThat(bytes.remaining()).isEqualTo(OF_SUREFIRE_3.length());
    }
}
