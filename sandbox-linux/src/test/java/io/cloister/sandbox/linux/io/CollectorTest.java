package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.io.Pipe.LOOP;
import static io.cloister.sandbox.linux.io.Pipe.PATIENCE_SECONDS;
import static io.cloister.sandbox.linux.io.Pipe.comesTrue;
import static io.cloister.sandbox.linux.io.Pipe.isOpen;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.Kernel;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

@Tag("kernel")
@Timeout(60)
class CollectorTest {

    private final Pipe pipe = new Pipe();
    private final AtomicInteger exceeded = new AtomicInteger();

    private Collector collector(long limit, boolean keep) {
        ByteBudget budget = new ByteBudget(limit, exceeded::incrementAndGet);
        return new Collector(LOOP, pipe.readEnd, budget, keep);
    }

    private static void onLoop(Runnable action) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        LOOP.schedule(
                Duration.ZERO,
                () -> {
                    action.run();
                    done.countDown();
                });
        assertThat(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static String text(Collector collector) {
        return new String(collector.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void everythingIsCollectedUntilTheProgramClosesItsEnd() throws Exception {
        Collector collector = collector(Long.MAX_VALUE, true);
        pipe.write("one ");
        Thread.sleep(20);
        pipe.write("two");
        Kernel.close(pipe.writeEnd);
        assertThat(comesTrue(() -> !isOpen(pipe.readEnd))).isTrue();
        onLoop(collector::drain);
        assertThat(text(collector)).isEqualTo("one two");
    }

    @Test
    void whatIsInThePipeWhenTheProgramEndsIsCollectedAndWhatOthersWriteIsNot() throws Exception {
        Collector collector = collector(Long.MAX_VALUE, true);
        pipe.write("mine");
        onLoop(collector::drain);
        assertThat(isOpen(pipe.readEnd)).isFalse();
        assertThat(pipe.write("another's")).isEqualTo(-32);
        assertThat(text(collector)).isEqualTo("mine");
        onLoop(collector::drain);
        assertThat(text(collector)).isEqualTo("mine");
        Kernel.close(pipe.writeEnd);
    }

    @Test
    void aFullPipeIsDrainedWhole() throws Exception {
        Collector collector = collector(Long.MAX_VALUE, true);
        int total = 0;
        for (int i = 0; i < 20; i++) {
            total += pipe.fill();
            Thread.sleep(1);
        }
        onLoop(collector::drain);
        assertThat(collector.bytes()).hasSize(total);
    }

    @Test
    void beyondTheBudgetNothingIsKeptButThePipeIsStillEmptied() throws Exception {
        Collector collector = collector(3, true);
        pipe.write("12345");
        pipe.write("678");
        onLoop(collector::drain);
        assertThat(text(collector)).isEqualTo("123");
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void whatIsNotKeptIsCounted() throws Exception {
        Collector collector = collector(3, false);
        pipe.write("12345");
        assertThat(comesTrue(() -> exceeded.get() == 1)).isTrue();
        onLoop(collector::drain);
        assertThat(collector.bytes()).isEmpty();
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void aCollectorThatIsFinishedReadsNoMore() throws Exception {
        Collector collector = collector(Long.MAX_VALUE, true);
        onLoop(collector::finish);
        onLoop(collector::finish);
        assertThat(isOpen(pipe.readEnd)).isFalse();
        assertThat(pipe.write("x")).isEqualTo(-32);
        assertThat(collector.bytes()).isEmpty();
        Kernel.close(pipe.writeEnd);
    }
}
