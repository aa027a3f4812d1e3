package io.cloister.sandbox.linux.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

class ByteBudgetTest {

    private static final long SEED = 20_260_105L;

    private final AtomicInteger exceeded = new AtomicInteger();

    private ByteBudget budget(long limit) {
        return new ByteBudget(limit, exceeded::incrementAndGet);
    }

    @Test
    void exactlyTheLimitMayPass() {
        ByteBudget budget = budget(10);
        assertThat(budget.take(4)).isEqualTo(4);
        assertThat(budget.take(6)).isEqualTo(6);
        assertThat(budget.take(0)).isZero();
        assertThat(exceeded).hasValue(0);
    }

    @Test
    void theFirstByteBeyondIsToldAndNothingPassesAnyMore() {
        ByteBudget budget = budget(10);
        assertThat(budget.take(11)).isEqualTo(10);
        assertThat(exceeded).hasValue(1);
        assertThat(budget.take(1)).isZero();
        assertThat(budget.take(100)).isZero();
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void aLimitOfZeroIsExceededByOneByte() {
        ByteBudget budget = budget(0);
        assertThat(budget.take(0)).isZero();
        assertThat(exceeded).hasValue(0);
        assertThat(budget.take(1)).isZero();
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void aLimitBeyondTheRangeOfIntIsALimit() {
        ByteBudget budget = budget(Integer.MAX_VALUE + 2L);
        assertThat(budget.take(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(budget.take(Integer.MAX_VALUE)).isEqualTo(2);
        assertThat(exceeded).hasValue(1);
        assertThat(budget(Long.MAX_VALUE).take(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void whatHasPassedIsCountedUpToTheLimit() {
        ByteBudget budget = budget(10);
        assertThat(budget.passed()).isZero();
        budget.take(4);
        assertThat(budget.passed()).isEqualTo(4);
        budget.take(0);
        assertThat(budget.passed()).isEqualTo(4);
        budget.take(100);
        assertThat(budget.passed()).isEqualTo(10);
        budget.take(100);
        assertThat(budget.passed()).isEqualTo(10);
    }

    @Test
    void whatHasPassedIsCountedBeforeItIsToldThatTheLimitIsExceeded() {
        AtomicReference<ByteBudget> budget = new AtomicReference<>();
        AtomicLong told = new AtomicLong();
        budget.set(new ByteBudget(10, () -> told.set(budget.get().passed())));
        budget.get().take(11);
        assertThat(told).hasValue(10);
    }

    @Test
    void whateverThePortionsTheSumIsTheLimit() {
        Random random = new Random(SEED);
        for (int i = 0; i < 2_000; i++) {
            exceeded.set(0);
            long limit = random.nextInt(1_000);
            ByteBudget budget = budget(limit);
            long asked = 0;
            long passed = 0;
            for (int j = 0; j < 20; j++) {
                int count = random.nextInt(100);
                asked += count;
                passed += budget.take(count);
                assertThat(passed).isEqualTo(Math.min(asked, limit));
                assertThat(budget.passed()).isEqualTo(passed);
                assertThat(exceeded).hasValue(asked > limit ? 1 : 0);
            }
        }
    }
}
