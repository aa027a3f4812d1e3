package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The rules of reactive streams, by their numbers, where a rule is about a publisher.
@Timeout(60)
class OutputPublisherTest {
    private static final String DONE = "done";

    /// Counts the reads of a stream, of which each gets one line.
    private static final class Source extends InputStream {
        private final ByteArrayInputStream bytes;
        final AtomicInteger reads = new AtomicInteger();

        Source(String text) {
            bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public int read() {
            throw new AssertionError("byte by byte");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            reads.incrementAndGet();
            return bytes.read(buffer, offset, Math.min(length, 2));
        }
    }

    /// Notes all calls, each as one event: an element, a throwable, or [#DONE].
    private static class Recorder<T> implements Flow.Subscriber<T> {
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        private final long first;
        private final AtomicInteger callers = new AtomicInteger();
        volatile boolean overlapped;
        volatile Flow.@Nullable Subscription subscription;

        Recorder(long first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (first != 0) {
                given.request(first);
            }
        }

        @Override
        public void onNext(T item) {
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
            events.add(event);
            callers.decrementAndGet();
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
            assertThat(events.poll(100, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    private static Flow.Publisher<ByteBuffer> chunks(InputStream stream) {
        return new OutputPublisher<>(stream, new OutputChunks());
    }

    private static String text(Object event) {
        assertThat(event).isInstanceOf(ByteBuffer.class);
        return StandardCharsets.UTF_8.decode((ByteBuffer) event).toString();
    }

    @Test
    void rule101NothingIsReadThatWasNotRequested() throws Exception {
        Source source = new Source("aabbcc");
        Recorder<ByteBuffer> recorder = new Recorder<>(0);
        chunks(source).subscribe(recorder);
        recorder.hearsNothing();
        assertThat(source.reads).hasValue(0);
        recorder.subscription().request(1);
        assertThat(text(recorder.next())).isEqualTo("aa");
        recorder.hearsNothing();
        assertThat(source.reads).hasValue(1);
        recorder.subscription().request(1);
        recorder.subscription().request(1);
        assertThat(text(recorder.next())).isEqualTo("bb");
        assertThat(text(recorder.next())).isEqualTo("cc");
        recorder.hearsNothing();
        recorder.subscription().request(1);
        assertThat(recorder.next()).isEqualTo(DONE);
        recorder.subscription().request(1);
        recorder.hearsNothing();
        assertThat(recorder.overlapped).isFalse();
    }

    @Test
    void elementsAreReadOnlyAndNobodyElseHasThem() throws Exception {
        Recorder<ByteBuffer> recorder = new Recorder<>(Long.MAX_VALUE);
        chunks(new Source("aabb")).subscribe(recorder);
        ByteBuffer first = (ByteBuffer) recorder.next();
        assertThat(text(recorder.next())).isEqualTo("bb");
        assertThat(text(first)).isEqualTo("aa");
        org.assertj.core.api.Assertions.assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> first.put(0, (byte) 1));
    }

    @Test
    void rule104AFailureToReadIsAnErrorAndTheEnd() throws Exception {
        Recorder<ByteBuffer> recorder = new Recorder<>(5);
        chunks(
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("torn");
                            }

                            @Override
                            public int read(byte[] b, int off, int len) throws IOException {
                                throw new IOException("torn");
                            }
                        })
                .subscribe(recorder);
        assertThat(recorder.next()).isInstanceOf(IOException.class);
        recorder.hearsNothing();
    }

    @Test
    void rule104AnyOtherFailureIsAnErrorToo() throws Exception {
        for (Throwable thrown : List.of(new ArithmeticException("mine"), new OutOfMemoryError())) {
            Recorder<String> recorder = new Recorder<>(5);
            OutputPublisher.Splitter<String> failing =
                    stream -> {
                        throw OutputPublisherTest.<RuntimeException>unchecked(thrown);
                    };
            new OutputPublisher<>(new Source("aa"), failing).subscribe(recorder);
            assertThat(recorder.next()).isSameAs(thrown);
            recorder.hearsNothing();
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X unchecked(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @Test
    void whoLeavesTheThreadInterruptedGoesOnHearing() throws Exception {
        Recorder<ByteBuffer> recorder =
                new Recorder<>(1) {
                    @Override
                    public void onNext(ByteBuffer item) {
                        super.onNext(item);
                        Thread.currentThread().interrupt();
                    }
                };
        InputStream strict =
                new InputStream() {
                    private final Source source = new Source("aabb");

                    @Override
                    public int read() {
                        return source.read();
                    }

                    @Override
                    public int read(byte[] b, int off, int len) throws IOException {
                        if (Thread.currentThread().isInterrupted()) {
                            throw new IOException("interrupted");
                        }
                        return source.read(b, off, len);
                    }
                };
        chunks(strict).subscribe(recorder);
        assertThat(text(recorder.next())).isEqualTo("aa");
        recorder.hearsNothing();
        recorder.subscription().request(2);
        assertThat(text(recorder.next())).isEqualTo("bb");
        assertThat(recorder.next()).isEqualTo(DONE);
    }

    @Test
    void rule109NullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> chunks(new Source("")).subscribe(null));
    }

    @Test
    void rule110ASecondSubscriberIsRefusedInItsOwnWay() throws Exception {
        Flow.Publisher<ByteBuffer> publisher = chunks(new Source("aa"));
        Recorder<ByteBuffer> first = new Recorder<>(0);
        Recorder<ByteBuffer> second = new Recorder<>(1);
        publisher.subscribe(first);
        publisher.subscribe(second);
        assertThat(second.next()).isInstanceOf(IllegalStateException.class);
        second.subscription().cancel();
        first.subscription().request(2);
        assertThat(text(first.next())).isEqualTo("aa");
        assertThat(first.next()).isEqualTo(DONE);
    }

    @Test
    void rule213WhoThrowsIsNotCalledAgain() throws Exception {
        CountDownLatch died = new CountDownLatch(1);
        Recorder<ByteBuffer> recorder =
                new Recorder<>(Long.MAX_VALUE) {
                    @Override
                    public void onNext(ByteBuffer item) {
                        super.onNext(item);
                        Thread.currentThread()
                                .setUncaughtExceptionHandler((_, _) -> died.countDown());
                        throw new ArithmeticException("mine");
                    }
                };
        chunks(new Source("aabb")).subscribe(recorder);
        recorder.next();
        assertThat(died.await(20, TimeUnit.SECONDS)).isTrue();
        recorder.hearsNothing();
    }

    @Test
    void rule303RequestsFromWithinDoNotNest() throws Exception {
        Source source = new Source("x".repeat(200_000));
        AtomicInteger depth = new AtomicInteger();
        Recorder<ByteBuffer> recorder =
                new Recorder<>(1) {
                    @Override
                    public void onNext(ByteBuffer item) {
                        assertThat(depth.incrementAndGet()).isOne();
                        subscription().request(1);
                        depth.decrementAndGet();
                    }
                };
        chunks(source).subscribe(recorder);
        assertThat(recorder.next()).isEqualTo(DONE);
        assertThat(source.reads).hasValue(100_001);
    }

    @Test
    void rules305To308WhoCancelsHearsNoMore() throws Exception {
        Source source = new Source("aabbcc");
        Recorder<ByteBuffer> recorder = new Recorder<>(1);
        chunks(source).subscribe(recorder);
        recorder.next();
        recorder.subscription().cancel();
        recorder.subscription().cancel();
        recorder.subscription().request(5);
        recorder.subscription().request(-1);
        recorder.hearsNothing();
        assertThat(source.reads).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void rule309ARequestForNothingIsAnError(long count) throws Exception {
        Recorder<ByteBuffer> recorder = new Recorder<>(0);
        chunks(new Source("aa")).subscribe(recorder);
        recorder.subscription().request(count);
        assertThat(recorder.next())
                .hasToString(
                        "java.lang.IllegalArgumentException: request must be > 0, was " + count);
        recorder.subscription().request(1);
        recorder.hearsNothing();
    }

    @Test
    void rule313WhoCancelledIsForgottenAlthoughAReadLasts() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        InputStream stuck =
                new InputStream() {
                    @Override
                    public int read() {
                        return -1;
                    }

                    @Override
                    public int read(byte[] b, int off, int len) {
                        reading.countDown();
                        try {
                            release.await();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                        return -1;
                    }
                };
        Flow.Publisher<ByteBuffer> publisher = chunks(stuck);
        WeakReference<Recorder<ByteBuffer>> gone = cancelledAfterARequest(publisher, reading);
        for (int i = 0; i < 200 && gone.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(gone.get()).isNull();
        release.countDown();
    }

    private static WeakReference<Recorder<ByteBuffer>> cancelledAfterARequest(
            Flow.Publisher<ByteBuffer> publisher, CountDownLatch reading)
            throws InterruptedException {
        Recorder<ByteBuffer> recorder = new Recorder<>(1);
        publisher.subscribe(recorder);
        reading.await();
        recorder.subscription().cancel();
        return new WeakReference<>(recorder);
    }

    @Test
    void rule317DemandThatExceedsALongIsWithoutBound() throws Exception {
        Recorder<ByteBuffer> recorder = new Recorder<>(Long.MAX_VALUE);
        chunks(new Source("aa")).subscribe(recorder);
        recorder.subscription().request(Long.MAX_VALUE);
        assertThat(text(recorder.next())).isEqualTo("aa");
        assertThat(recorder.next()).isEqualTo(DONE);
    }

    private static List<String> lines(InputStream stream, long longest)
            throws InterruptedException {
        Recorder<String> recorder = new Recorder<>(Long.MAX_VALUE);
        new OutputPublisher<>(stream, new OutputLines(Bytes.of(longest))).subscribe(recorder);
        List<String> lines = new ArrayList<>();
        Object event = recorder.next();
        while (event != DONE) {
            lines.add((String) event);
            event = recorder.next();
        }
        return lines;
    }

    @Test
    void linesEndAtNewlines() throws Exception {
        assertThat(lines(new Source("one\n\ntwo\r\nthr\ree"), 100))
                .containsExactly("one", "", "two", "thr\ree");
        assertThat(lines(new Source("a\n"), 100)).containsExactly("a");
        assertThat(lines(new Source(""), 100)).isEmpty();
    }

    @Test
    void longLinesComeInPartsOfWholeCharacters() throws Exception {
        assertThat(lines(new Source("abcdefgh\nij"), 4)).containsExactly("abcd", "efgh", "ij");
        assertThat(lines(new Source("äöü€\n"), 5)).containsExactly("äö", "ü€");
        assertThat(lines(new Source("a😀😀"), 4)).containsExactly("a", "😀", "😀");
        assertThat(lines(new Source("abcd\nefg"), 4)).containsExactly("abcd", "efg");
    }

    @Test
    void aLineOfTheLongestLengthEndsAtItsNewline() throws Exception {
        assertThat(lines(new Source("abcd\r\nef"), 4)).containsExactly("abcd", "ef");
        assertThat(lines(new Source("xabcd\r\nef"), 5)).containsExactly("xabcd", "ef");
        assertThat(lines(new Source("abc\r\r\nef"), 4)).containsExactly("abc\r", "ef");
        assertThat(lines(new Source("abcd\ref"), 4)).containsExactly("abcd", "\ref");
        assertThat(lines(new Source("abcd\r"), 4)).containsExactly("abcd", "\r");
        assertThat(lines(new Source("abcd\r\n\r\n"), 4)).containsExactly("abcd", "");
    }

    @Test
    void linesAreReadAhead() throws Exception {
        InputStream stream = new ByteArrayInputStream("a\nb\nc\n".getBytes(StandardCharsets.UTF_8));
        Recorder<String> recorder = new Recorder<>(1);
        new OutputPublisher<>(stream, new OutputLines(Bytes.of(9))).subscribe(recorder);
        assertThat(recorder.next()).isEqualTo("a");
        recorder.subscription().cancel();
        assertThat(stream.read()).isEqualTo(-1);
    }

    @Test
    void whatIsNoTextIsCutAndReplacedToo() throws Exception {
        byte[] wrong = new byte[11];
        java.util.Arrays.fill(wrong, (byte) 0x80);
        assertThat(lines(new ByteArrayInputStream(wrong), 4))
                .containsExactly("\ufffd".repeat(4), "\ufffd".repeat(4), "\ufffd".repeat(3));
    }

    @Test
    void aLineHasRoomForACharacter() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FakeProcess().publishOutputLines(Bytes.of(3)))
                .withMessageContaining("longest must be 4 B to ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FakeProcess().publishErrorLines(Bytes.gibibytes(2)));
    }

    @Test
    void aStreamWithoutAPipeCompletesAtOnce() throws Exception {
        Recorder<ByteBuffer> recorder = new Recorder<>(1);
        new FakeProcess().publishOutput().subscribe(recorder);
        assertThat(recorder.next()).isEqualTo(DONE);
    }
}
