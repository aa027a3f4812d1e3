package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cloister.sandbox.Outcome.Exited;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(60)
class UsageSamplesTest {
    private static final Duration EVERY = Duration.ofMillis(1);

    /// Long enough for many intervals, for what must not happen meanwhile.
    private static final Duration A_WHILE = Duration.ofMillis(100);

    private final FakeProcess process = new FakeProcess();
    private final AtomicInteger measurements = new AtomicInteger();
    private final Recorder recorder = new Recorder(0);

    UsageSamplesTest() {
        process.measured =
                () ->
                        ResourceUsage.builder(Duration.ofMillis(measurements.incrementAndGet()))
                                .build();
    }

    /// Notes all calls, each as one event: a usage, a throwable, or `DONE`.
    private static class Recorder implements Flow.Subscriber<ResourceUsage> {
        static final String DONE = "done";

        final long requested;
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        final AtomicInteger callers = new AtomicInteger();
        volatile boolean overlapped;
        volatile boolean platformThread;
        volatile Flow.@Nullable Subscription subscription;

        Recorder(long requested) {
            this.requested = requested;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            if (requested != 0) {
                subscription.request(requested);
            }
        }

        @Override
        public void onNext(ResourceUsage item) {
            note(item);
        }

        @Override
        public void onError(Throwable failure) {
            note(failure);
        }

        @Override
        public void onComplete() {
            note(DONE);
        }

        private void note(Object event) {
            overlapped |= callers.incrementAndGet() > 1;
            platformThread |= !Thread.currentThread().isVirtual();
            events.add(event);
            callers.decrementAndGet();
        }

        void request(long count) {
            subscription().request(count);
        }

        Flow.Subscription subscription() {
            Flow.Subscription present = subscription;
            assertThat(present).isNotNull();
            return present;
        }

        Object next() throws InterruptedException {
            Object event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("an event within 20 s").isNotNull();
            return event;
        }

        void hearsNothing() throws InterruptedException {
            assertThat(events.poll(A_WHILE.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        }
    }

    private void subscribe(Recorder subscriber) {
        process.samples(EVERY).subscribe(subscriber);
    }

    private static Duration wallTime(Object event) {
        assertThat(event).isInstanceOf(ResourceUsage.class);
        return ((ResourceUsage) event).wallTime();
    }

    @Test
    void anIntervalIsAtLeastAMillisecond() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> process.samples(Duration.ofNanos(999_999)))
                .withMessage("every must be >= 1ms, was 999999ns");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> process.samples(Duration.ZERO))
                .withMessage("every must be >= 1ms, was 0s");
        assertThat(process.samples(EVERY)).isNotNull();
        assertThatNullPointerException().isThrownBy(() -> process.samples(EVERY).subscribe(null));
    }

    @Test
    void eachSampleIsTakenAnewAndDeliveredOnAVirtualThread() throws Exception {
        Recorder eager = new Recorder(Long.MAX_VALUE);
        subscribe(eager);
        for (int i = 1; i <= 20; i++) {
            assertThat(wallTime(eager.next())).isEqualTo(Duration.ofMillis(i));
        }
        process.end(new Exited(0));
        Object last = eager.next();
        while (wallTime(last).compareTo(FakeProcess.used().wallTime()) != 0) {
            last = eager.next();
        }
        assertThat(last).isEqualTo(FakeProcess.used());
        assertThat(eager.next()).isEqualTo(Recorder.DONE);
        eager.hearsNothing();
        assertThat(eager.overlapped).isFalse();
        assertThat(eager.platformThread).isFalse();
    }

    @Test
    void theIntervalIsKept() throws Exception {
        Recorder eager = new Recorder(3);
        long start = System.nanoTime();
        process.samples(Duration.ofMillis(50)).subscribe(eager);
        for (int i = 0; i < 3; i++) {
            eager.next();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(150));
    }

    @Test
    void nothingIsMeasuredOrDeliveredWithoutDemand() throws Exception {
        subscribe(recorder);
        recorder.hearsNothing();
        assertThat(measurements).hasValue(0);
        recorder.request(2);
        assertThat(wallTime(recorder.next())).isEqualTo(Duration.ofMillis(1));
        assertThat(wallTime(recorder.next())).isEqualTo(Duration.ofMillis(2));
        recorder.hearsNothing();
        assertThat(measurements).hasValue(2);
    }

    @Test
    void whoFallsBehindGetsThePresentStateOnce() throws Exception {
        subscribe(recorder);
        recorder.hearsNothing();
        measurements.set(1000);
        recorder.request(1);
        assertThat(wallTime(recorder.next())).isEqualTo(Duration.ofMillis(1001));
        recorder.hearsNothing();
    }

    @Test
    void aSlowSubscriberIsNotCalledTwiceAtOnce() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        Recorder held =
                new Recorder(Long.MAX_VALUE) {
                    @Override
                    public void onNext(ResourceUsage item) {
                        super.onNext(item);
                        try {
                            slow.await();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                };
        subscribe(held);
        held.next();
        held.hearsNothing();
        process.end(new Exited(0));
        held.hearsNothing();
        slow.countDown();
        assertThat(held.next()).isEqualTo(FakeProcess.used());
        assertThat(held.next()).isEqualTo(Recorder.DONE);
    }

    @Test
    void theLastSampleWaitsForDemandAndThenCompletes() throws Exception {
        subscribe(recorder);
        process.end(new Exited(0));
        recorder.hearsNothing();
        recorder.request(1);
        assertThat(recorder.next()).isEqualTo(FakeProcess.used());
        assertThat(recorder.next()).isEqualTo(Recorder.DONE);
    }

    @Test
    void aRunThatIsOverHasOneSample() throws Exception {
        process.end(new Exited(0));
        Recorder late = new Recorder(5);
        subscribe(late);
        assertThat(late.next()).isEqualTo(FakeProcess.used());
        assertThat(late.next()).isEqualTo(Recorder.DONE);
        late.hearsNothing();
    }

    @Test
    void whoCancelsHearsNoMore() throws Exception {
        Recorder eager = new Recorder(Long.MAX_VALUE);
        subscribe(eager);
        eager.next();
        eager.subscription().cancel();
        eager.subscription().cancel();
        Thread.sleep(A_WHILE);
        eager.events.clear();
        int before = measurements.get();
        eager.request(5);
        eager.request(-1);
        process.end(new Exited(0));
        eager.hearsNothing();
        assertThat(measurements).hasValue(before);
    }

    @Test
    void whoCancelsAtOnceHearsNothing() throws Exception {
        Recorder reluctant =
                new Recorder(0) {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(5);
                        subscription.cancel();
                    }
                };
        subscribe(reluctant);
        process.end(new Exited(0));
        reluctant.hearsNothing();
        assertThat(measurements).hasValue(0);
    }

    @Test
    void subscribersDoNotDisturbEachOther() throws Exception {
        Recorder other = new Recorder(Long.MAX_VALUE);
        subscribe(recorder);
        subscribe(other);
        other.next();
        recorder.subscription().cancel();
        other.next();
        process.end(new Exited(0));
        while (!other.next().equals(Recorder.DONE)) {}
        recorder.hearsNothing();
    }

    @Test
    void aRequestForNothingIsAnError() throws Exception {
        subscribe(recorder);
        recorder.request(0);
        assertThat(recorder.next())
                .isInstanceOf(IllegalArgumentException.class)
                .hasToString("java.lang.IllegalArgumentException: request must be > 0, was 0");
        recorder.request(3);
        recorder.hearsNothing();
    }

    @Test
    void demandThatExceedsALongIsWithoutBound() throws Exception {
        Recorder eager = new Recorder(Long.MAX_VALUE);
        subscribe(eager);
        eager.request(Long.MAX_VALUE);
        eager.next();
        eager.next();
    }

    @Test
    void aRunThatCouldNotBeWatchedFailsTheSubscription() throws Exception {
        SandboxException failure = new SandboxException("the watcher died");
        subscribe(recorder);
        process.fail(failure);
        assertThat(recorder.next()).isSameAs(failure);
        recorder.hearsNothing();
    }

    @Test
    void aMeasurementThatFailsFailsTheSubscription() throws Exception {
        SandboxException failure = new SandboxException("no such file");
        process.measured =
                () -> {
                    throw failure;
                };
        Recorder eager = new Recorder(3);
        subscribe(eager);
        assertThat(eager.next()).isSameAs(failure);
        eager.hearsNothing();
    }

    @Test
    void aSubscriberThatThrowsIsNotCalledAgain() throws Exception {
        Recorder broken =
                new Recorder(Long.MAX_VALUE) {
                    @Override
                    public void onNext(ResourceUsage item) {
                        super.onNext(item);
                        throw new SubscriberFailure();
                    }
                };
        subscribe(broken);
        broken.next();
        process.end(new Exited(0));
        broken.hearsNothing();
    }

    @Test
    void aSubscriberThatRefusesItsSubscriptionIsToldSo() throws Exception {
        Recorder broken =
                new Recorder(0) {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(1);
                        throw new SubscriberFailure();
                    }
                };
        assertThatExceptionOfType(SubscriberFailure.class).isThrownBy(() -> subscribe(broken));
        broken.hearsNothing();
    }

    private static final class SubscriberFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SubscriberFailure() {
            super("on purpose", null, false, false);
        }
    }
}
