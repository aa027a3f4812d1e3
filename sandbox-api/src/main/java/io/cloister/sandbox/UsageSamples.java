package io.cloister.sandbox;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Publishes what a run uses, again and again until it is over.
///
/// A tick of the one clock that all publishers share only marks a subscription as due. A virtual
/// thread then measures and delivers, one at a time for each subscription, and only while there is
/// demand: a subscriber that falls behind gets the state of that moment when it asks again, and
/// nothing is stored for it.
final class UsageSamples implements Flow.Publisher<ResourceUsage> {
    static final Duration SHORTEST = Duration.ofMillis(1);

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private final SandboxProcess process;
    private final long periodNanos;

    /// @throws IllegalArgumentException if `every` is too short
    UsageSamples(SandboxProcess process, Duration every) {
        Objects.requireNonNull(every, "every");
        if (every.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(
                    "every must be >= %s, was %s"
                            .formatted(
                                    Units.formatDuration(SHORTEST), Units.formatDuration(every)));
        }
        this.process = process;
        this.periodNanos = TimeUnit.NANOSECONDS.convert(every);
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock =
                new ScheduledThreadPoolExecutor(
                        1,
                        task ->
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("sandbox-samples")
                                        .unstarted(task));
        clock.setRemoveOnCancelPolicy(true);
        clock.setKeepAliveTime(1, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        return clock;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ResourceUsage> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        new Sampling(subscriber).begin();
    }

    /// One subscription. Its state is guarded by its monitor, and its subscriber is called without
    /// that.
    private final class Sampling implements Flow.Subscription {
        private final Flow.Subscriber<? super ResourceUsage> subscriber;
        private long demand;
        private boolean due;
        private boolean lastDelivered;
        private boolean cancelled;
        private @Nullable ResourceUsage last;
        private @Nullable Throwable failure;
        private @Nullable ScheduledFuture<?> ticks;

        /// Whether a thread is calling the subscriber, or will in a moment.
        private boolean busy = true;

        Sampling(Flow.Subscriber<? super ResourceUsage> subscriber) {
            this.subscriber = subscriber;
        }

        void begin() {
            subscriber.onSubscribe(this);
            synchronized (this) {
                if (cancelled) {
                    return;
                }
                ticks =
                        CLOCK.scheduleAtFixedRate(
                                this::tick, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
                busy = false;
            }
            process.onResult().whenComplete(this::end);
            wake();
        }

        private synchronized void tick() {
            due = true;
            wake();
        }

        private synchronized void end(@Nullable SandboxResult result, @Nullable Throwable thrown) {
            if (result != null) {
                last = result.usage();
            } else {
                failure =
                        thrown instanceof CompletionException wrapped && wrapped.getCause() != null
                                ? wrapped.getCause()
                                : thrown;
            }
            stopTicks();
            wake();
        }

        @Override
        public synchronized void request(long count) {
            if (count <= 0) {
                failure = new IllegalArgumentException("request must be > 0, was " + count);
            } else {
                demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
            }
            wake();
        }

        @Override
        public synchronized void cancel() {
            cancelled = true;
            stopTicks();
        }

        private void stopTicks() {
            if (ticks != null) {
                ticks.cancel(false);
            }
        }

        /// Starts a thread that delivers, where there is something to deliver and none does yet.
        private synchronized void wake() {
            if (!busy && next() != Step.WAIT) {
                busy = true;
                Thread.startVirtualThread(this::deliver);
            }
        }

        private synchronized Step next() {
            if (cancelled) {
                return Step.WAIT;
            }
            if (failure != null) {
                return Step.FAIL;
            }
            if (lastDelivered) {
                return Step.COMPLETE;
            }
            return demand > 0 && (due || last != null) ? Step.SAMPLE : Step.WAIT;
        }

        private void deliver() {
            boolean delivered = false;
            try {
                while (step()) {}
                delivered = true;
            } finally {
                if (!delivered) {
                    // The subscriber threw: it is not called again.
                    cancel();
                }
            }
        }

        /// Does what is next; whether there may be more.
        private boolean step() {
            Step step;
            ResourceUsage known;
            Throwable problem;
            synchronized (this) {
                step = next();
                known = last;
                problem = failure;
                if (step == Step.WAIT) {
                    busy = false;
                    return false;
                }
                due = false;
            }
            switch (step) {
                case FAIL -> {
                    cancel();
                    subscriber.onError(problem);
                }
                case COMPLETE -> {
                    cancel();
                    subscriber.onComplete();
                }
                default -> sample(known);
            }
            return true;
        }

        private void sample(@Nullable ResourceUsage known) {
            ResourceUsage sample;
            try {
                sample = known != null ? known : process.usage();
            } catch (RuntimeException e) {
                synchronized (this) {
                    failure = e;
                }
                return;
            }
            synchronized (this) {
                if (cancelled) {
                    return;
                }
                demand--;
                lastDelivered = known != null;
            }
            subscriber.onNext(sample);
        }
    }

    /// What a subscription has to do.
    private enum Step {
        SAMPLE,
        COMPLETE,
        FAIL,
        WAIT
    }
}
