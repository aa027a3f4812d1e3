package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.io.Pipe.LOOP;
import static io.cloister.sandbox.linux.io.Pipe.PATIENCE_SECONDS;
import static io.cloister.sandbox.linux.program.Linux.EPOLLHUP;
import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.EPOLLONESHOT;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;
import io.cloister.sandbox.linux.io.EventLoop.Registration;
import io.cloister.sandbox.linux.io.EventLoop.Timer;
import io.cloister.sandbox.linux.program.Linux;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

@Tag("kernel")
class EventLoopTest {

    private static final long SEED = 20_260_106L;
    private static final Duration SOON = Duration.ofMillis(30);

    /// A JVM that exits waits for a thread that is in native code.
    @Test
    void anEndingLoopServesAndWaitsOutsideOfNativeCode() throws Exception {
        EventLoop loop = new EventLoop();
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        loop.schedule(Duration.ZERO, () -> thread.complete(Thread.currentThread()));
        Thread looping = thread.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(isSeenParked(looping)).as("parked before").isFalse();

        loop.ending();

        assertThat(isSeenParked(looping)).as("parked").isTrue();
        CountDownLatch ran = new CountDownLatch(2);
        loop.schedule(Duration.ZERO, ran::countDown);
        loop.schedule(SOON, ran::countDown);
        assertThat(ran.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean isSeenParked(Thread thread) throws InterruptedException {
        for (int look = 0; look < 100; look++) {
            if (thread.getState() == Thread.State.TIMED_WAITING) {
                return true;
            }
            Thread.sleep(2);
        }
        return false;
    }

    @Test
    void timersRunInTheOrderOfTheirTimesWhateverTheOrderTheyWereSetIn() throws Exception {
        List<Integer> delays = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            delays.add(100 + 5 * i);
        }
        List<Integer> shuffled = new ArrayList<>(delays);
        Collections.shuffle(shuffled, new Random(SEED));
        List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
        // The thread may be held up between two of them: when each is due is known that closely.
        Map<Integer, Long> earliest = new ConcurrentHashMap<>();
        Map<Integer, Long> latest = new ConcurrentHashMap<>();
        CountDownLatch all = new CountDownLatch(delays.size());
        // All set from the loop's own thread, so that none can run before the last is set.
        LOOP.schedule(
                Duration.ZERO,
                () -> {
                    for (int delay : shuffled) {
                        Duration time = Duration.ofMillis(delay);
                        earliest.put(delay, System.nanoTime() + time.toNanos());
                        LOOP.schedule(
                                time,
                                () -> {
                                    ran.add(delay);
                                    all.countDown();
                                });
                        latest.put(delay, System.nanoTime() + time.toNanos());
                    }
                });
        assertThat(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).containsExactlyInAnyOrderElementsOf(delays);
        for (int i = 1; i < ran.size(); i++) {
            assertThat(earliest.get(ran.get(i - 1)) - latest.get(ran.get(i)))
                    .as("%d ms ran before %d ms", ran.get(i - 1), ran.get(i))
                    .isNegative();
        }
    }

    @Test
    void aTimerDoesNotRunBeforeItsTime() throws Exception {
        CompletableFuture<Long> ran = new CompletableFuture<>();
        long start = System.nanoTime();
        LOOP.schedule(SOON, () -> ran.complete(System.nanoTime()));
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS) - start)
                .isGreaterThanOrEqualTo(SOON.toNanos());
    }

    @Test
    void aTimerWhoseTimeIsOverRunsAtOnce() throws Exception {
        for (Duration delay : List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(-1))) {
            CompletableFuture<Boolean> ran = new CompletableFuture<>();
            LOOP.schedule(delay, () -> ran.complete(true));
            assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anEarlierTimerIsNotHeldUpByALaterOneThatTheLoopWaitsFor() throws Exception {
        Timer later = LOOP.schedule(Duration.ofHours(1), () -> {});
        Thread.sleep(SOON);
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        LOOP.schedule(SOON, () -> ran.complete(true));
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        later.cancel();
    }

    @Test
    void aTimerThatATimerSetsRunsBeforeALaterOneThatTheLoopWouldWaitFor() throws Exception {
        Timer later = LOOP.schedule(Duration.ofHours(1), () -> {});
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        LOOP.schedule(
                Duration.ofMillis(1),
                () ->
                        LOOP.schedule(
                                SOON,
                                () -> LOOP.schedule(Duration.ZERO, () -> ran.complete(true))));
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        later.cancel();
    }

    @Test
    void aTimerThatAHandlerSetsRunsBeforeALaterOneThatTheLoopWouldWaitFor() throws Exception {
        Timer later = LOOP.schedule(Duration.ofHours(1), () -> {});
        Pipe pipe = new Pipe();
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        Registration registration =
                LOOP.register(
                        pipe.readEnd,
                        EPOLLIN | EPOLLONESHOT,
                        _ -> LOOP.schedule(SOON, () -> ran.complete(true)));
        pipe.write("x");
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        registration.cancel();
        later.cancel();
    }

    @Test
    void aTimerThatATimerSetsBeforeItFailsRunsAllTheSame() throws Exception {
        Timer later = LOOP.schedule(Duration.ofHours(1), () -> {});
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        LOOP.schedule(
                Duration.ZERO,
                () -> {
                    LOOP.schedule(SOON, () -> ran.complete(true));
                    throw new IllegalStateException("on purpose");
                });
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        later.cancel();
    }

    @Test
    void aTimerMayCancelAnotherOneAndSetItAgain() throws Exception {
        AtomicInteger cancelled = new AtomicInteger();
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        Timer soon = LOOP.schedule(SOON.multipliedBy(3), cancelled::incrementAndGet);
        LOOP.schedule(
                Duration.ZERO,
                () -> {
                    soon.cancel();
                    LOOP.schedule(SOON.multipliedBy(4), () -> ran.complete(true));
                });
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(cancelled).hasValue(0);
    }

    @Test
    void aLoopThatFoundNothingToDoForLongStillTakesTimers() throws Exception {
        EventLoop idle = new EventLoop();
        Thread.sleep(700);
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        idle.schedule(SOON, () -> ran.complete(true));
        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTimerThatIsCancelledNeverRuns() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        Timer timer = LOOP.schedule(SOON, ran::incrementAndGet);
        timer.cancel();
        timer.cancel();
        CountDownLatch later = new CountDownLatch(1);
        LOOP.schedule(SOON.multipliedBy(3), later::countDown);
        assertThat(later.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).hasValue(0);
    }

    @Test
    void aTimerForEverIsTakenAndHoldsNobodyUp() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        List<Timer> forEver = new ArrayList<>();
        for (Duration delay :
                List.of(
                        ChronoUnit.FOREVER.getDuration(),
                        Duration.ofSeconds(Long.MAX_VALUE),
                        Duration.ofNanos(Long.MAX_VALUE),
                        Duration.ofDays(36_501))) {
            forEver.add(LOOP.schedule(delay, ran::incrementAndGet));
        }
        CountDownLatch soon = new CountDownLatch(1);
        LOOP.schedule(SOON, soon::countDown);
        assertThat(soon.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).hasValue(0);
        forEver.forEach(Timer::cancel);
    }

    @Test
    void aTimerThatFailsDoesNotStopTheOthers() throws Exception {
        CountDownLatch others = new CountDownLatch(2);
        LOOP.schedule(
                Duration.ZERO,
                () -> {
                    throw new IllegalStateException("on purpose");
                });
        LOOP.schedule(
                Duration.ZERO,
                () -> {
                    others.countDown();
                    throw new AssertionError("on purpose");
                });
        LOOP.schedule(Duration.ofMillis(1), others::countDown);
        assertThat(others.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aHandlerThatFailsDoesNotStopTheOthersNorItself() throws Exception {
        Pipe failing = new Pipe();
        Pipe other = new Pipe();
        CountDownLatch twice = new CountDownLatch(2);
        CompletableFuture<Integer> read = new CompletableFuture<>();
        Registration first =
                LOOP.register(
                        failing.readEnd,
                        EPOLLIN,
                        _ -> {
                            failing.read();
                            twice.countDown();
                            throw new IllegalStateException("on purpose");
                        });
        Registration second = LOOP.register(other.readEnd, EPOLLIN | EPOLLONESHOT, read::complete);
        failing.write("x");
        other.write("y");
        assertThat(read.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(EPOLLIN);
        failing.write("x");
        assertThat(twice.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        first.cancel();
        second.cancel();
    }

    @Test
    void theEndOfAPipeIsAnEventThatNobodyAskedFor() throws Exception {
        Pipe pipe = new Pipe();
        CompletableFuture<Integer> events = new CompletableFuture<>();
        Registration registration = LOOP.register(pipe.readEnd, EPOLLONESHOT, events::complete);
        Kernel.close(pipe.writeEnd);
        assertThat(events.get(PATIENCE_SECONDS, TimeUnit.SECONDS) & EPOLLHUP).isNotZero();
        registration.cancel();
    }

    @Test
    void aOneShotRegistrationTellsOnceUntilItIsWatchedAgain() throws Exception {
        Pipe pipe = new Pipe();
        LinkedBlockingQueue<Integer> events = new LinkedBlockingQueue<>();
        Registration registration =
                LOOP.register(pipe.readEnd, EPOLLIN | EPOLLONESHOT, events::add);
        pipe.write("x");
        assertThat(events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(EPOLLIN);
        assertThat(events.poll(100, TimeUnit.MILLISECONDS)).isNull();
        registration.watch(EPOLLIN | EPOLLONESHOT);
        assertThat(events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(EPOLLIN);
        registration.cancel();
    }

    @Test
    void aRegistrationThatIsCancelledTellsNothingEvenIfItsNumberIsUsedAgain() throws Exception {
        Pipe pipe = new Pipe();
        AtomicInteger told = new AtomicInteger();
        Registration old = LOOP.register(pipe.readEnd, EPOLLIN, _ -> told.incrementAndGet());
        old.cancel();
        old.cancel();
        CompletableFuture<Integer> events = new CompletableFuture<>();
        Registration next = LOOP.register(pipe.readEnd, EPOLLIN | EPOLLONESHOT, events::complete);
        old.cancel();
        pipe.write("x");
        assertThat(events.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(EPOLLIN);
        assertThat(told).hasValue(0);
        next.cancel();
    }

    @Test
    void moreDescriptorsThanOneLookTakesAreAllServed() throws Exception {
        int count = 300;
        CountDownLatch all = new CountDownLatch(count);
        List<Registration> registrations = new ArrayList<>();
        List<Pipe> pipes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Pipe pipe = new Pipe();
            pipes.add(pipe);
            registrations.add(
                    LOOP.register(pipe.readEnd, EPOLLIN | EPOLLONESHOT, _ -> all.countDown()));
        }
        pipes.forEach(pipe -> pipe.write("x"));
        assertThat(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        registrations.forEach(Registration::cancel);
        for (Pipe pipe : pipes) {
            Kernel.close(pipe.readEnd);
            Kernel.close(pipe.writeEnd);
        }
    }

    @Test
    void aRegularFileIsRefusedByTheNameOfTheError(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("f"));
        int fd = Kernel.open(file.toString(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
        assertThatThrownBy(() -> LOOP.register(fd, EPOLLIN, _ -> {}))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("EPERM");
        Kernel.close(fd);
        assertThatThrownBy(() -> LOOP.register(fd, EPOLLIN, _ -> {}))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("EBADF");
    }

    @Test
    void theBufferIsLargeEnoughForAPipe() {
        NativeBuffer buffer = LOOP.buffer();
        assertThat(buffer.size()).isGreaterThanOrEqualTo(64 * 1024);
    }
}
