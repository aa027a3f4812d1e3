package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

class OnceTest {

    private final AtomicInteger made = new AtomicInteger();

    @Test
    void nothingIsMadeUntilItIsAskedFor() {
        Once<Integer> once = Once.of(made::incrementAndGet);
        assertThat(made).hasValue(0);
        assertThat(once.get()).isEqualTo(1);
        assertThat(once.get()).isEqualTo(1);
        assertThat(made).hasValue(1);
    }

    @Test
    void whatFailsIsTriedAgain() {
        Once<String> once =
                Once.of(() -> {
                    if (made.incrementAndGet() < 3) {
                        throw new IllegalStateException("try " + made);
                    }
                    return "value";
                });
        assertThatThrownBy(once::get).hasMessage("try 1");
        assertThatThrownBy(once::get).hasMessage("try 2");
        assertThat(once.get()).isEqualTo("value");
        assertThat(once.get()).isEqualTo("value");
        assertThat(made).hasValue(3);
    }

    @Test
    void manyThreadsGetTheSameOne() throws Exception {
        int threads = 16;
        CountDownLatch all = new CountDownLatch(threads);
        Once<Object> once =
                Once.of(() -> {
                    made.incrementAndGet();
                    return new Object();
                });
        List<Object> got = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(
                        executor.submit(() -> {
                            all.countDown();
                            assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
                            return once.get();
                        }));
            }
            for (Future<Object> future : futures) {
                got.add(future.get());
            }
        }
        assertThat(got).containsOnly(once.get());
        assertThat(made).hasValue(1);
    }
}
