package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.Kernel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

@Tag("kernel")
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BriefWaitTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final Kernel.Pair pipe = Kernel.pipe(O_CLOEXEC);
    private boolean hasWriter = true;

    @AfterEach
    void close() {
        endInput();
        Kernel.close(pipe.first());
    }

    private void endInput() {
        if (hasWriter) {
            hasWriter = false;
            Kernel.close(pipe.second());
        }
    }

    private boolean await(Duration patience) {
        return BriefWait.forInput(pipe.first(), patience);
    }

    @Test
    void withoutInputItReturnsWhenItsPatienceIsOver() {
        long start = System.nanoTime();
        assertThat(await(Duration.ofMillis(30))).isFalse();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
        assertThat(await(Duration.ZERO)).isFalse();
    }

    @Test
    void theEndOfTheInputIsTold() {
        endInput();
        assertThat(await(LONG)).isTrue();
    }

    @Test
    void whatComesLateIsTold() {
        Thread writer =
                Thread.startVirtualThread(() -> {
                    sleep(Duration.ofMillis(100));
                    endInput();
                });
        assertThat(await(LONG)).isTrue();
        assertThat(writer.isAlive() && hasWriter).isFalse();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whoIsInterruptedWaitsWithoutSpinningAndIsInterruptedStill() {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        Thread.currentThread().interrupt();
        assertThat(await(Duration.ofMillis(500))).isFalse();
        long used = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Duration.ofNanos(used)).isLessThan(Duration.ofMillis(250));
    }

    @Test
    void virtualThreadsThatWaitLetOthersRun() throws InterruptedException {
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            waiting.add(Thread.startVirtualThread(() -> await(LONG)));
        }
        sleep(Duration.ofMillis(50));
        CountDownLatch ran = new CountDownLatch(1);
        Thread.startVirtualThread(ran::countDown);
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting).allMatch(Thread::isAlive);
        endInput();
        for (Thread thread : waiting) {
            assertThat(thread.join(LONG)).isTrue();
        }
    }
}
