package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Optional;

class ResourceUsageTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private static ResourceUsage.Builder usage() {
        return ResourceUsage.builder(Duration.ofSeconds(1));
    }

    @Test
    void whatIsNotToldIsAbsent() {
        ResourceUsage usage = usage().build();
        assertThat(usage.wallTime()).isEqualTo(Duration.ofSeconds(1));
        assertThat(usage.memory()).isEqualTo(MemoryUsage.UNKNOWN);
        assertThat(usage.peakMemory()).isEmpty();
        assertThat(usage.cpuTime()).isEmpty();
        assertThat(usage.userTime()).isEmpty();
        assertThat(usage.systemTime()).isEmpty();
        assertThat(usage.minorFaults()).isEmpty();
        assertThat(usage.majorFaults()).isEmpty();
        assertThat(usage.voluntarySwitches()).isEmpty();
        assertThat(usage.involuntarySwitches()).isEmpty();
        assertThat(usage.processesPeak()).isEmpty();
        assertThat(usage.processes()).isEmpty();
        assertThat(usage.io()).isEmpty();
        assertThat(usage.throttling()).isEmpty();
        assertThat(usage.pressure()).isEmpty();
        assertThat(usage.setUp()).isEmpty();
    }

    @Test
    void processorTimeIsTheSumOfItsPartsUnlessItIsToldItself() {
        ResourceUsage.Builder parts = usage().userTime(MILLI).systemTime(Duration.ofMillis(2));
        assertThat(parts.build().cpuTime()).contains(Duration.ofMillis(3));
        assertThat(parts.cpuTime(Duration.ofMillis(4)).build().cpuTime())
                .contains(Duration.ofMillis(4));
        assertThat(usage().userTime(MILLI).build().cpuTime()).isEmpty();
        assertThat(usage().systemTime(MILLI).build().cpuTime()).isEmpty();
        assertThat(usage().cpuTime(MILLI).build().userTime()).isEmpty();
    }

    @Test
    void everyPartHasASetter() {
        IoUsage io = new IoUsage(Bytes.of(1), Bytes.of(2), 3, 4);
        Throttling throttling = new Throttling(5, 6, MILLI);
        Pressure.Stall stall = new Pressure.Stall(MILLI, Duration.ZERO);
        Pressure pressure = new Pressure(stall, stall, stall);
        SetUpTimes setUp = new SetUpTimes(MILLI, MILLI, MILLI, MILLI);
        ResourceUsage usage =
                usage().memory(MemoryUsage.ofPeak(Bytes.of(7)))
                        .minorFaults(8)
                        .majorFaults(9)
                        .voluntarySwitches(10)
                        .involuntarySwitches(11)
                        .processesPeak(12)
                        .processes(13)
                        .io(io)
                        .throttling(throttling)
                        .pressure(pressure)
                        .setUp(setUp)
                        .build();
        assertThat(usage)
                .isEqualTo(
                        new ResourceUsage(
                                Duration.ofSeconds(1),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                MemoryUsage.ofPeak(Bytes.of(7)),
                                Optional.of(8L),
                                Optional.of(9L),
                                Optional.of(10L),
                                Optional.of(11L),
                                Optional.of(12L),
                                Optional.of(13L),
                                Optional.of(io),
                                Optional.of(throttling),
                                Optional.of(pressure),
                                Optional.of(setUp)));
        assertThat(usage.peakMemory()).contains(Bytes.of(7));
        assertThat(setUp.total()).isEqualTo(Duration.ofMillis(4));
    }
}
