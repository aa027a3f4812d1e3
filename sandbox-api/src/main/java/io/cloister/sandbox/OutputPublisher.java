package io.cloister.sandbox;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/// Publishes what is read from a stream, to one subscriber.
///
/// A virtual thread of the subscription reads when something was requested and delivers what it has
/// read, so no more than one element is ever held: what is not requested is not read, and its
/// writer waits.
///
/// @param <T> the elements
final class OutputPublisher<T> implements Flow.Publisher<T> {
    private final InputStream stream;
    private final Splitter<T> splitter;
    private final AtomicBoolean subscribed = new AtomicBoolean();

    /// Cuts a stream into elements.
    ///
    /// @param <T> the elements
    interface Splitter<T> {
        /// {@return the next element; empty at the end of the stream}
        ///
        /// @param stream waited for
        Optional<T> next(InputStream stream) throws IOException;
    }

    OutputPublisher(InputStream stream, Splitter<T> splitter) {
        this.stream = stream;
        this.splitter = splitter;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        if (subscribed.compareAndSet(false, true)) {
            Reading reading = new Reading(subscriber);
            subscriber.onSubscribe(reading);
            Thread.ofVirtual().name("sandbox-output").start(reading::deliverAll);
        } else {
            subscriber.onSubscribe(new Refused());
            subscriber.onError(
                    new IllegalStateException(
                            "the output has a subscriber already, and can be read but once; ask the"
                                    + " process for another publisher of what is left"));
        }
    }

    /// What a second subscriber gets, for whom there is nothing.
    private static final class Refused implements Flow.Subscription {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    }

    /// The subscription. Its state is guarded by its monitor; the stream is read and the subscriber
    /// called without that, by one thread.
    private final class Reading implements Flow.Subscription {
        private Flow.@Nullable Subscriber<? super T> subscriber;
        private long demand;
        private @Nullable IllegalArgumentException misuse;

        Reading(Flow.Subscriber<? super T> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public synchronized void request(long count) {
            if (count <= 0) {
                misuse = new IllegalArgumentException("request must be > 0, was " + count);
            } else {
                demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
            }
            notifyAll();
        }

        @Override
        public synchronized void cancel() {
            // Forgotten at once, though a read of its output may last.
            subscriber = null;
            notifyAll();
        }

        private void deliverAll() {
            try {
                while (awaitDemand()) {
                    Optional<T> next;
                    try {
                        next = splitter.next(stream);
                    } catch (Throwable e) {
                        // Whatever it is: a subscriber that hears nothing more waits for ever.
                        fail(e);
                        return;
                    }
                    deliver(next);
                    // The thread is not the subscriber's; to read, it must not be interrupted.
                    Thread.interrupted();
                }
                fail(misuse());
            } finally {
                // Also if the subscriber threw: it is not called again.
                cancel();
            }
        }

        private void deliver(Optional<T> next) {
            Flow.Subscriber<? super T> target = subscriber();
            if (target == null) {
                return;
            }
            if (next.isPresent()) {
                target.onNext(next.get());
            } else {
                cancel();
                target.onComplete();
            }
        }

        private void fail(@Nullable Throwable problem) {
            Flow.Subscriber<? super T> target = subscriber();
            if (target != null && problem != null) {
                cancel();
                target.onError(problem);
            }
        }

        private synchronized Flow.@Nullable Subscriber<? super T> subscriber() {
            return subscriber;
        }

        private synchronized @Nullable IllegalArgumentException misuse() {
            return misuse;
        }

        /// Waits for a request and takes it; false if there will be none.
        private synchronized boolean awaitDemand() {
            while (demand == 0 && subscriber != null && misuse == null) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    // By a subscriber that holds on to the thread. It ends by the subscription.
                    continue;
                }
            }
            if (subscriber == null || misuse != null) {
                return false;
            }
            demand--;
            return true;
        }
    }
}
