package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/// Output as a stream that is asked for: who does not ask holds the program up, and holds no
/// memory.
@Tag("kernel")
@Timeout(120)
class OutputPublisherKernelTest {
    private static final long TEN_MEBIBYTES = 10L << 20;

    /// More than a pipe and the JVM's buffer in front of it hold, and much less than all.
    private static final long ON_THE_WAY = 2L << 20;

    /// Asks for one element at a time.
    private static final class OneByOne<T> implements Flow.Subscriber<T> {
        final CompletableFuture<Void> end = new CompletableFuture<>();
        final AtomicLong elements = new AtomicLong();
        final AtomicLong bytes = new AtomicLong();

        /// The most of the heap that was in use, looked at each 2 MiB.
        final AtomicLong heap = new AtomicLong();

        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(T item) {
            elements.incrementAndGet();
            int length = item instanceof ByteBuffer buffer ? buffer.remaining() : 0;
            long before = bytes.getAndAdd(length);
            if (before >> 21 != before + length >> 21) {
                heap.accumulateAndGet(usedAfterCollection(), Math::max);
            }
            subscription().request(1);
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }

        Flow.Subscription subscription() {
            Flow.Subscription present = subscription;
            assertThat(present).isNotNull();
            return present;
        }
    }

    /// Asks for nothing by itself.
    private static final class Reluctant implements Flow.Subscriber<ByteBuffer> {
        volatile Flow.@Nullable Subscription subscription;
        final AtomicLong elements = new AtomicLong();

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ByteBuffer item) {
            elements.incrementAndGet();
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    private static Command zeros() {
        return Command.of("head", "-c", Long.toString(TEN_MEBIBYTES), "/dev/zero");
    }

    private static long usedAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void whoAsksForOneElementAtATimeReadsAllInConstantMemory() throws Exception {
        try (Sandbox sandbox = Sandbox.builder().outputLimit(Bytes.mebibytes(16)).build()) {
            // The first run loads the classes.
            sandbox.run("true");
            long before = usedAfterCollection();
            SandboxProcess process = sandbox.start(zeros());
            OneByOne<ByteBuffer> subscriber = new OneByOne<>();
            process.publishOutput().subscribe(subscriber);
            subscriber.end.get();
            assertThat(subscriber.bytes).hasValue(TEN_MEBIBYTES);
            assertThat(subscriber.heap.get()).isPositive();
            assertThat(subscriber.heap.get() - before).isLessThan(ON_THE_WAY);
            assertThat(subscriber.elements.get())
                    .isGreaterThanOrEqualTo(TEN_MEBIBYTES / (16 << 10));
            assertThat(process.waitForResult().outcome()).isEqualTo(new Outcome.Exited(0));
        }
    }

    @Test
    void whoDoesNotAskHoldsTheProgramUpAndNoMemory() throws Exception {
        try (Sandbox sandbox = Sandbox.builder().outputLimit(Bytes.mebibytes(16)).build()) {
            // The first run loads the classes.
            sandbox.run("true");
            long before = usedAfterCollection();
            SandboxProcess process = sandbox.start(zeros());
            Reluctant subscriber = new Reluctant();
            process.publishOutput().subscribe(subscriber);
            Thread.sleep(500);
            assertThat(process.isAlive()).isTrue();
            assertThat(subscriber.elements).hasValue(0);
            assertThat(usedAfterCollection() - before).isLessThan(ON_THE_WAY);
            // It is the subscriber whom the program waits for: its twin above ends.
            OneByOne<ByteBuffer> rest = new OneByOne<>();
            Flow.Subscription held = subscriber.subscription;
            assertThat(held).isNotNull();
            held.cancel();
            process.publishOutput().subscribe(rest);
            rest.end.get();
            assertThat(rest.bytes).hasValue(TEN_MEBIBYTES);
            assertThat(process.waitForResult().outcome()).isEqualTo(new Outcome.Exited(0));
        }
    }

    @Test
    void cancellingEndsTheSubscriptionAndNotTheProgram() throws Exception {
        try (Sandbox sandbox = Sandbox.builder().wallTimeLimit(Duration.ofSeconds(60)).build()) {
            SandboxProcess process =
                    sandbox.start(Command.of("/bin/sh", "-c", "echo one; read line; exit 5"));
            OneByOne<String> subscriber = new OneByOne<>();
            process.publishOutputLines(Bytes.kibibytes(1)).subscribe(subscriber);
            Host.await("the first line", () -> subscriber.elements.get() == 1);
            subscriber.subscription().cancel();
            assertThat(process.isAlive()).isTrue();
            process.getOutputStream().write('\n');
            process.getOutputStream().close();
            assertThat(process.waitForResult().outcome()).isEqualTo(new Outcome.Exited(5));
            assertThat(subscriber.end).isNotDone();
        }
    }

    @Test
    void theEndOfTheProgramCompletesBothStreams() throws Exception {
        try (Sandbox sandbox = Sandbox.builder().build()) {
            SandboxProcess process =
                    sandbox.start(Command.of("/bin/sh", "-c", "seq 1000; seq 10 >&2; kill -9 $$"));
            OneByOne<String> out = new OneByOne<>();
            OneByOne<String> err = new OneByOne<>();
            process.publishOutputLines(Bytes.kibibytes(1)).subscribe(out);
            process.publishErrorLines(Bytes.kibibytes(1)).subscribe(err);
            out.end.get();
            err.end.get();
            assertThat(out.elements).hasValue(1000);
            assertThat(err.elements).hasValue(10);
        }
    }

    @Test
    void aStreamThatIsClosedUnderneathFailsTheSubscription() throws Exception {
        try (Sandbox sandbox = Sandbox.builder().build()) {
            SandboxProcess process = sandbox.start(Command.of("sleep", "60"));
            OneByOne<ByteBuffer> subscriber = new OneByOne<>();
            process.getInputStream().close();
            process.publishOutput().subscribe(subscriber);
            assertThat(subscriber.end).failsWithin(Duration.ofSeconds(20));
        }
    }
}
