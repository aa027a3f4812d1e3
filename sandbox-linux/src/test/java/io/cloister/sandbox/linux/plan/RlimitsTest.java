package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.Random;

class RlimitsTest {

    private static final long SEED = 20_260_102L;

    @Test
    void theNumbersAreThoseOfTheKernel() {
        // asm-generic/resource.h, in order
        String[] names = {
            "CPU",
            "FSIZE",
            "DATA",
            "STACK",
            "CORE",
            "RSS",
            "NPROC",
            "NOFILE",
            "MEMLOCK",
            "AS",
            "LOCKS",
            "SIGPENDING",
            "MSGQUEUE",
            "NICE",
            "RTPRIO",
            "RTTIME"
        };
        assertThat(Rlimit.values()).hasSameSizeAs(names);
        for (int i = 0; i < names.length; i++) {
            assertThat(Rlimits.number(Rlimit.valueOf(names[i]))).as(names[i]).isEqualTo(i);
        }
        assertThat(Arrays.stream(Rlimit.values()).mapToInt(Rlimits::number))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2, 3, 1, 2",
        "1, 5, 3, 1, 3",
        "4, 5, 3, 3, 3",
        "-1, -1, 3, 3, 3",
        "1, -1, 3, 1, 3",
        "4, -1, 3, 3, 3",
        "-1, -1, -1, -1, -1",
        "4, 5, -1, 4, 5",
        "4, 5, 0, 0, 0"
    })
    void aValueIsLoweredToTheHardLimit(long soft, long hard, long cap, long s, long h) {
        assertThat(Rlimits.cap(new RlimitValue(soft, hard), cap)).isEqualTo(new RlimitValue(s, h));
    }

    @Test
    void theLowerOfTwoValuesIsNeverAboveEither() {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            RlimitValue a = value(random);
            RlimitValue b = value(random);
            RlimitValue lower = Rlimits.lower(a, b);
            assertThat(lower).isEqualTo(Rlimits.lower(b, a));
            for (RlimitValue each : new RlimitValue[] {a, b}) {
                assertThat(atMost(lower.soft(), each.soft())).as("%s %s", a, b).isTrue();
                assertThat(atMost(lower.hard(), each.hard())).as("%s %s", a, b).isTrue();
            }
            assertThat(lower.soft()).isIn(a.soft(), b.soft());
            assertThat(lower.hard()).isIn(a.hard(), b.hard());
        }
    }

    private static RlimitValue value(Random random) {
        long hard = random.nextInt(6) - 1;
        long soft = hard < 0 ? random.nextInt(6) - 1 : random.nextLong(hard + 1);
        return new RlimitValue(soft, hard);
    }

    private static boolean atMost(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0;
    }
}
