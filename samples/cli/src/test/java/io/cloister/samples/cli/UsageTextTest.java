package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.IoUsage;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Pressure;
import io.cloister.sandbox.Pressure.Stall;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SetUpTimes;
import io.cloister.sandbox.Throttling;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Optional;

/// The lines of `--usage`.
class UsageTextTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Duration millis(long count) {
        return Duration.ofMillis(count);
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        assertThat(UsageText.of(ResourceUsage.builder(SECOND).build()))
                .containsExactly("time: wall 1s");
        assertThat(
                        UsageText.of(
                                ResourceUsage.builder(SECOND)
                                        .cpuTime(Duration.ofNanos(1_234_567))
                                        .memory(MemoryUsage.ofPeak(Bytes.mebibytes(3)))
                                        .majorFaults(2)
                                        .build()))
                .containsExactly(
                        "time: wall 1s, processor 1234us",
                        "memory: peak 3 MiB",
                        "page faults: major 2");
    }

    @Test
    void everyNumberIsSaid() {
        Stall stall = new Stall(millis(3), millis(1));
        ResourceUsage usage =
                ResourceUsage.builder(SECOND)
                        .userTime(millis(20))
                        .systemTime(millis(10))
                        .memory(
                                new MemoryUsage(
                                        Optional.of(Bytes.mebibytes(7)),
                                        Optional.of(Bytes.mebibytes(6)),
                                        Optional.of(Bytes.mebibytes(5)),
                                        Optional.of(Bytes.mebibytes(4)),
                                        Optional.of(Bytes.mebibytes(3)),
                                        Optional.of(Bytes.mebibytes(2)),
                                        Optional.of(Bytes.of(0))))
                        .minorFaults(11)
                        .majorFaults(12)
                        .voluntarySwitches(13)
                        .involuntarySwitches(14)
                        .processesPeak(15)
                        .processes(1)
                        .io(new IoUsage(Bytes.kibibytes(16), Bytes.kibibytes(17), 18, 19))
                        .throttling(new Throttling(21, 20, millis(22)))
                        .pressure(new Pressure(stall, stall, stall))
                        .setUp(new SetUpTimes(millis(1), millis(2), millis(3), millis(4)))
                        .build();
        assertThat(UsageText.of(usage))
                .containsExactly(
                        "time: wall 1s, processor 30ms, user 20ms, system 10ms",
                        "memory: peak 7 MiB, at the end 6 MiB, anonymous 5 MiB, file 4 MiB, kernel"
                                + " 3 MiB, shared 2 MiB, swap 0 B",
                        "processes: peak 15, now 1, switches waiting 13, switches forced 14",
                        "page faults: minor 11, major 12",
                        "io: read 16 KiB in 18 operations, written 17 KiB in 19 operations",
                        "throttled: 20 of 21 periods, waited 22ms",
                        "pressure: processor 3ms (all waiting 1ms), memory 3ms (all waiting 1ms),"
                                + " io 3ms (all waiting 1ms)",
                        "set-up: prepare 1ms, create 2ms, isolate 3ms, execute 4ms");
    }
}
