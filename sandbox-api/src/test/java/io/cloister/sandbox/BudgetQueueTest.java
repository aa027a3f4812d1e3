package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.BudgetQueue.Lease;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(60)
class BudgetQueueTest {
    private static final Duration LONG = Duration.ofDays(1_000_000);
    private final BudgetQueue queue = queue(LONG, 3);

    private static BudgetAmount amount(long memory) {
        return new BudgetAmount(memory, 0, 1);
    }

    private static BudgetQueue queue(Duration timeout, int length) {
        return new BudgetQueue(new BudgetAmount(100, 0, 100), timeout, length);
    }

    private static void awaitWaiting(BudgetQueue queue, int count) throws InterruptedException {
        while (queue.waiting() != count) {
            Thread.sleep(1);
        }
    }

    /// A thread that waits for the lease.
    private record Waiter(Thread thread, FutureTask<Void> task) {
        static Waiter of(Lease lease) throws InterruptedException {
            FutureTask<Void> task =
                    new FutureTask<>(() -> {
                        lease.await();
                        return null;
                    });
            Thread thread = Thread.ofVirtual().start(task);
            while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
                Thread.sleep(1);
            }
            return new Waiter(thread, task);
        }
    }

    @Test
    void whatFitsIsTakenAtOnce() throws Exception {
        Lease lease = queue.request(amount(100));
        lease.await();

        assertThat(lease.isHeld()).isTrue();
        assertThat(queue.inUse()).isEqualTo(amount(100));
    }

    @Test
    void withoutATimeoutWhatDoesNotFitIsRefusedAtOnce() {
        BudgetQueue impatient = queue(Duration.ZERO, 16);
        impatient.request(amount(70));

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> impatient.request(amount(40)))
                .withMessage(
                        "the budget has no room: memory: asked for 40 B, free 30 B"
                                + " (queueTimeout is 0s)");
        assertThat(impatient.waiting()).isZero();
        assertThat(impatient.inUse()).isEqualTo(amount(70));
    }

    @Test
    void theMessageNamesWhatIsLacking() {
        BudgetQueue impatient =
                new BudgetQueue(new BudgetAmount(10, 1_500_000, 1), Duration.ZERO, 1);
        impatient.request(new BudgetAmount(1, 1_000_000, 1));

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> impatient.request(new BudgetAmount(1, 1_000_000, 1)))
                .withMessageContaining("cpus: asked for 1.0, free 0.5");
        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> impatient.request(new BudgetAmount(1, 500_000, 1)))
                .withMessageContaining("sandboxes: asked for 1, free 0");
    }

    @Test
    void whoWaitsGetsWhatIsGivenBack() throws Exception {
        Lease first = queue.request(amount(70));
        Lease second = queue.request(amount(40));
        Waiter waiter = Waiter.of(second);
        assertThat(second.isHeld()).isFalse();
        assertThat(queue.waiting()).isOne();

        first.close();
        waiter.task().get();
        assertThat(second.isHeld()).isTrue();
        assertThat(queue.inUse()).isEqualTo(amount(40));
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void aLargeRequestIsNotOvertakenBySmallOnes() {
        Lease small = queue.request(amount(30));
        Lease other = queue.request(amount(30));
        Lease large = queue.request(amount(90));
        Lease late = queue.request(amount(1));

        other.close();
        assertThat(large.isHeld()).isFalse();
        assertThat(late.isHeld()).isFalse();
        small.close();
        assertThat(large.isHeld()).isTrue();
        assertThat(late.isHeld()).isTrue();
    }

    @Test
    void requestsAreAdmittedInTheirOrder() {
        BudgetQueue many = queue(LONG, 100);
        Lease all = many.request(amount(100));
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            leases.add(many.request(amount(60)));
        }
        all.close();
        for (int i = 0; i < 20; i++) {
            assertThat(leases).extracting(Lease::isHeld).containsOnlyOnce(true);
            assertThat(leases.get(i).isHeld()).isTrue();
            leases.get(i).close();
        }
    }

    @Test
    void oneThatGivesBackMayAdmitSeveral() {
        Lease all = queue.request(amount(100));
        Lease first = queue.request(amount(50));
        Lease second = queue.request(amount(50));
        Lease third = queue.request(amount(50));

        all.close();
        assertThat(List.of(first.isHeld(), second.isHeld(), third.isHeld()))
                .containsExactly(true, true, false);
    }

    @Test
    void theQueueIsBounded() {
        queue.request(amount(100));
        queue.request(amount(1));
        queue.request(amount(1));
        queue.request(amount(1));

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> queue.request(amount(1)))
                .withMessage(
                        "the budget has no room: requests that came before it: 3"
                                + " (queueLength is 3)");
        assertThat(queue.waiting()).isEqualTo(3);
    }

    @Test
    void whoWaitedLongEnoughIsRefused() {
        BudgetQueue hasty = queue(Duration.ofMillis(20), 16);
        hasty.request(amount(70));
        long start = System.nanoTime();
        Lease lease = hasty.request(amount(40));

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(lease::await)
                .withMessage(
                        "the budget has no room: memory: asked for 40 B, free 30 B (waited 20ms)");
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
        assertThat(hasty.waiting()).isZero();
        assertThat(hasty.inUse()).isEqualTo(amount(70));
    }

    @Test
    void thePlaceOfOneThatGivesUpGoesToTheNext() throws Exception {
        BudgetQueue hasty = queue(Duration.ofMillis(50), 16);
        hasty.request(amount(70));
        Lease large = hasty.request(amount(40));
        Thread.sleep(1);
        Lease small = hasty.request(amount(20));

        assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(large::await);
        assertThat(small.isHeld()).isTrue();
    }

    @Test
    void anInterruptEndsTheWaitAndGivesThePlaceUp() throws Exception {
        queue.request(amount(70));
        Waiter waiter = Waiter.of(queue.request(amount(40)));
        Lease small = queue.request(amount(20));
        assertThat(small.isHeld()).isFalse();

        waiter.thread().interrupt();
        assertThat(waiter.task())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(InterruptedException.class);
        assertThat(small.isHeld()).isTrue();
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void anInterruptBeforeTheWaitEndsItToo() {
        queue.request(amount(70));
        Lease lease = queue.request(amount(40));
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(InterruptedException.class).isThrownBy(lease::await);
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void whoHasWhatItAskedForDoesNotNoticeAnInterrupt() throws Exception {
        Lease lease = queue.request(amount(40));
        Thread.currentThread().interrupt();
        lease.await();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aRequestCanBeWithdrawn() throws Exception {
        queue.request(amount(70));
        Lease lease = queue.request(amount(40));
        Waiter waiter = Waiter.of(lease);

        lease.withdraw();
        assertThat(waiter.task())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(CancellationException.class);
        assertThat(queue.waiting()).isZero();
        assertThat(queue.inUse()).isEqualTo(amount(70));
    }

    @Test
    void whatIsHeldIsNotWithdrawn() {
        Lease lease = queue.request(amount(40));
        lease.withdraw();

        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aLeaseIsGivenBackOnce() {
        Lease lease = queue.request(amount(40));
        queue.request(amount(30));
        lease.close();
        lease.close();

        assertThat(lease.isHeld()).isFalse();
        assertThat(queue.inUse()).isEqualTo(amount(30));
    }

    @Test
    void lessIsGivenBackAtOnceAndMoreIsTaken() {
        Lease lease = queue.request(amount(40));
        lease.change(amount(90));
        assertThat(lease.amount()).isEqualTo(amount(90));
        assertThat(queue.inUse()).isEqualTo(amount(90));

        Lease waiting = queue.request(amount(60));
        lease.change(amount(30));
        assertThat(waiting.isHeld()).isTrue();
        lease.close();
        assertThat(queue.inUse()).isEqualTo(amount(60));
    }

    @Test
    void moreThanIsFreeIsRefusedAndNothingChanges() {
        Lease lease = queue.request(amount(40));
        queue.request(amount(30));

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> lease.change(amount(90)))
                .withMessage(
                        "the budget has no room: memory: asked for 50 B, free 30 B"
                                + " (changed limits do not wait)");
        lease.close();
        assertThat(queue.inUse()).isEqualTo(amount(30));
    }

    @Test
    void moreIsNotTakenFromThoseWhoWait() {
        Lease lease = queue.request(amount(40));
        queue.request(amount(80));

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> lease.change(amount(41)))
                .withMessage(
                        "the budget has no room: requests that wait for it: 1"
                                + " (changed limits do not wait)");
    }

    @Test
    void aLeaseThatWasGivenBackDoesNotChange() {
        Lease lease = queue.request(amount(40));
        lease.close();
        lease.change(amount(50));

        assertThat(queue.inUse()).isEqualTo(BudgetAmount.NONE);
    }

    @Test
    void aThousandVirtualThreadsShareThreePlaces() throws Exception {
        BudgetAmount place = new BudgetAmount(0, 0, 1);
        BudgetQueue places = new BudgetQueue(new BudgetAmount(0, 0, 3), LONG, 1000);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Lease> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(places.request(place));
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            threads.add(
                    Thread.startVirtualThread(() -> {
                        try (Lease lease = places.request(place)) {
                            lease.await();
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            Thread.yield();
                            inside.decrementAndGet();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }));
        }
        awaitWaiting(places, 1000);
        held.forEach(Lease::close);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most).hasValueBetween(1, 3);
        assertThat(inside).hasValue(0);
        assertThat(places.inUse()).isEqualTo(BudgetAmount.NONE);
    }
}
