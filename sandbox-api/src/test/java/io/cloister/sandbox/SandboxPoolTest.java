package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SandboxPoolTest {

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final Sandbox sandbox = Sandbox.of(SandboxSpec.strict(), provider);

    private SandboxPool.Builder pool() {
        return SandboxPool.of(sandbox);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 2000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(5);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void sandboxesAreOpenedAheadAndLookedAt() throws Exception {
        try (SandboxPool pool = pool().size(3).build()) {
            await(() -> pool.statistics().idle() == 3);
            assertThat(provider.sessions).hasSize(3);
            assertThat(provider.sessions).allMatch(session -> session.resets.get() == 1);
        }
        assertThat(provider.sessions).allMatch(session -> session.closed);
    }

    @Test
    void aLeaseHasOneForItselfAndGivesItBackReset() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            SandboxSession first;
            try (SandboxPool.Lease lease = pool.lease()) {
                first = lease.session();
                assertThat(first.isOpen()).isTrue();
                assertThat(pool.statistics().idle()).isZero();
            }
            await(() -> pool.statistics().idle() == 1);
            assertThat(provider.sessions.getFirst().resets.get()).isEqualTo(2);
            try (SandboxPool.Lease again = pool.lease()) {
                again.session().start(Command.of("true"));
            }
            assertThat(provider.sessions).hasSize(1);
            assertThat(provider.sessions.getFirst().commands).hasSize(1);
            assertThat(first.isOpen()).isFalse();
            assertThat(pool.statistics().leases()).isEqualTo(2);
        }
    }

    @Test
    void oneThatIsNotAsNewIsThrownAwayAndReplaced() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.session().isOpen()).isTrue();
                provider.sessions.getFirst().dirt = Optional.of("a queue was left");
            }
            await(() -> provider.sessions.size() == 2 && pool.statistics().idle() == 1);
            assertThat(provider.sessions.getFirst().closed).isTrue();
            SandboxPool.Statistics statistics = pool.statistics();
            assertThat(statistics.discarded()).isEqualTo(1);
            assertThat(statistics.lastDiscard()).contains("a queue was left");
        }
    }

    @Test
    void whyOneWasThrownAwayHasNoControlCharacters() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.session().isOpen()).isTrue();
                provider.sessions.getFirst().dirt = Optional.of("/tmp/\u001b[2J\nfake is new");
            }
            await(() -> pool.statistics().discarded() == 1);
            assertThat(pool.statistics().lastDiscard())
                    .contains("/tmp/\\u001b[2J\\u000afake is new");
        }
    }

    @Test
    void aRecordingHearsWhatTheDifferenceIsAboutAndNoNames() throws Exception {
        Path file = Files.createTempFile("cloister-", ".jfr");
        try (Recording recording = new Recording();
                SandboxPool pool = pool().size(1).build()) {
            recording.enable("cloister.PoolDiscard");
            recording.start();
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.session().isOpen()).isTrue();
                provider.sessions.getFirst().dirt = Optional.of("files: /tmp/hunter2: is new");
            }
            await(() -> pool.statistics().discarded() == 1);
            assertThat(pool.statistics().lastDiscard()).contains("files: /tmp/hunter2: is new");
            recording.stop();
            recording.dump(file);
            assertThat(RecordingFile.readAllEvents(file))
                    .filteredOn(
                            event -> event.getEventType().getName().equals("cloister.PoolDiscard"))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.getString("reason")).isEqualTo("files");
                        assertThat(event.toString()).doesNotContain("hunter2");
                    });
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void oneThatEndsWhileItIsIdleIsNotHandedOut() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            await(() -> pool.statistics().idle() == 1);
            provider.sessions.getFirst().close();
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.session().isOpen()).isTrue();
            }
            assertThat(provider.sessions).hasSize(2);
            assertThat(pool.statistics().lastDiscard()).contains("it ended while it was idle");
        }
    }

    @Test
    void whoFindsNoneWaitsForHisTurn() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            SandboxPool.Lease held = pool.lease();
            List<Integer> order = new ArrayList<>();
            List<CompletableFuture<Void>> turns = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int number = i;
                turns.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    try (SandboxPool.Lease lease = pool.lease()) {
                                        synchronized (order) {
                                            assertThat(lease.session()).isNotNull();
                                            order.add(number);
                                        }
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                },
                                Thread::startVirtualThread));
                await(() -> pool.statistics().waiting() == number + 1);
            }
            held.close();
            CompletableFuture.allOf(turns.toArray(CompletableFuture[]::new)).get();
            assertThat(order).containsExactly(0, 1, 2);
            assertThat(provider.sessions).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itGrowsWhileMoreAreWantedAndShrinksWhenTheyAreNot(boolean checked) throws Exception {
        SandboxPool.Builder builder = pool().size(1, 3).idleTime(Duration.ofMillis(50));
        if (checked) {
            // To be looked at is not to be used.
            builder.healthCheck(Duration.ofMillis(5));
        }
        try (SandboxPool pool = builder.build()) {
            List<SandboxPool.Lease> leases = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                leases.add(pool.lease());
            }
            assertThat(provider.sessions).hasSize(3);
            leases.forEach(SandboxPool.Lease::close);
            await(() -> provider.sessions.stream().filter(s -> s.closed).count() == 2);
            assertThat(pool.statistics().idle()).isEqualTo(1);
            assertThat(pool.statistics().discarded()).isZero();
        }
    }

    @Test
    void tooManyWhoWaitAndWhoWaitTooLongAreRefused() throws Exception {
        try (SandboxPool pool = pool().size(1).queue(0).build()) {
            await(() -> pool.statistics().idle() == 1);
            try (SandboxPool.Lease held = pool.lease()) {
                assertThat(held.session().isOpen()).isTrue();
                assertThatExceptionOfType(SandboxPoolException.class)
                        .isThrownBy(pool::lease)
                        .withMessageContaining("wait");
            }
        }
        try (SandboxPool pool = pool().size(1).patience(Duration.ofMillis(20)).build()) {
            await(() -> pool.statistics().idle() == 1);
            try (SandboxPool.Lease held = pool.lease()) {
                assertThat(held.session().isOpen()).isTrue();
                assertThatExceptionOfType(SandboxPoolException.class)
                        .isThrownBy(pool::lease)
                        .withMessageContaining("20ms");
            }
            assertThat(pool.statistics().waiting()).isZero();
        }
    }

    @Test
    void whyNoneCouldBeOpenedIsThrown() throws Exception {
        provider.failure = new SandboxException("no namespaces");
        try (SandboxPool pool = pool().size(0, 1).build()) {
            assertThatExceptionOfType(SandboxException.class)
                    .isThrownBy(pool::lease)
                    .withMessage("no namespaces");
            // The next one tries again.
            pool.lease().close();
        }
    }

    @Test
    void afterAFailureTheOthersWhoWaitAreServed() throws Exception {
        try (SandboxPool pool = pool().size(0, 1).build()) {
            SandboxPool.Lease held = pool.lease();
            List<CompletableFuture<SandboxPool.Lease>> others = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                others.add(
                        CompletableFuture.supplyAsync(
                                () -> {
                                    try {
                                        return pool.lease();
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                },
                                Thread::startVirtualThread));
                int number = i + 1;
                await(() -> pool.statistics().waiting() == number);
            }
            // The one that is given back is thrown away, and the next cannot be opened.
            provider.sessions.getFirst().dirt = Optional.of("dirt");
            provider.failure = new SandboxException("for once");
            held.close();
            await(() -> others.get(0).isCompletedExceptionally());
            others.get(1).get().close();
        }
    }

    @Test
    void oneThatCannotBeLookedAtIsClosed() throws Exception {
        provider.newDirt = Optional.of("odd");
        try (SandboxPool pool = pool().size(0, 1).build()) {
            assertThatExceptionOfType(SandboxException.class)
                    .isThrownBy(pool::lease)
                    .withMessageContaining("odd");
            assertThat(provider.sessions).allMatch(session -> session.closed);
        }
    }

    @Test
    void itClosesWhenItsLeasesAreGivenBack() throws Exception {
        SandboxPool pool = pool().size(1).build();
        SandboxPool.Lease lease = pool.lease();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close);
        await(() -> {
            try {
                pool.lease().close();
                return false;
            } catch (IllegalStateException e) {
                return true;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(closing).isNotDone();
        lease.close();
        closing.get();
        assertThat(provider.sessions).allMatch(session -> session.closed);
        assertThatIllegalStateException().isThrownBy(pool::lease);
    }

    @Test
    void afterSoManyUsesItIsReplaced() throws Exception {
        try (SandboxPool pool = pool().size(1).uses(2).build()) {
            for (int i = 0; i < 4; i++) {
                pool.lease().close();
            }
            await(() -> provider.sessions.size() == 3 && pool.statistics().idle() == 1);
        }
    }

    @Test
    void oneThatEndsWhileItIsIdleIsReplacedBeforeAnybodyAsks() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            await(() -> pool.statistics().idle() == 1);
            provider.sessions.getFirst().close();
            await(() -> provider.sessions.size() == 2 && pool.statistics().idle() == 1);
            assertThat(pool.statistics().discarded()).isEqualTo(1);
        }
    }

    @Test
    void idleOnesAreLookedAtAndThoseThatWereChangedReplaced() throws Exception {
        try (SandboxPool pool = pool().size(2).healthCheck(Duration.ofMillis(10)).build()) {
            await(() ->
                    provider.sessions.size() == 2
                            && provider.sessions.stream().allMatch(s -> s.resets.get() > 3));
            assertThat(pool.statistics().discarded()).isZero();
            provider.sessions.getFirst().dirt = Optional.of("somebody was here");
            await(() -> provider.sessions.size() == 3 && pool.statistics().idle() == 2);
            assertThat(provider.sessions.getFirst().closed).isTrue();
            assertThat(pool.statistics().lastDiscard()).contains("somebody was here");
        }
    }

    @Test
    void whoKeepsWhatHeLeasedCannotReachTheNextUser() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            SandboxPool.Lease old = pool.lease();
            SandboxSession kept = old.session();
            kept.start(Command.of("true"));
            old.close();
            try (SandboxPool.Lease next = pool.lease()) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> kept.start(Command.of("true")))
                        .withMessageContaining("lease");
                assertThatIllegalStateException().isThrownBy(() -> old.run(Command.of("true")));
                assertThatIllegalStateException().isThrownBy(kept::files);
                assertThatIllegalStateException().isThrownBy(kept::pause);
                assertThatIllegalStateException().isThrownBy(kept::usage);
                assertThat(kept.onEnd()).isCompletedExceptionally();
                kept.close();
                assertThat(next.session().isOpen()).isTrue();
                next.session().start(Command.of("true"));
            }
            assertThat(provider.sessions).hasSize(1);
            assertThat(provider.sessions.getFirst().commands).hasSize(2);
        }
    }

    @Test
    void closingTheSessionOfALeaseThrowsTheSandboxAway() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                lease.session().close();
                assertThat(lease.session().isOpen()).isFalse();
            }
            await(() -> provider.sessions.size() == 2 && pool.statistics().idle() == 1);
        }
    }

    @Test
    void openingThatFailsIsTriedAgainAfterPausesThatGrow() throws Exception {
        provider.failures.set(4);
        long start = System.nanoTime();
        try (SandboxPool pool = pool().size(2).build()) {
            await(() -> pool.statistics().idle() == 2);
            // Two at first, then one at a time: after 100, 200 and 400 milliseconds.
            assertThat(pool.statistics().failedOpenings()).isEqualTo(4);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThan(Duration.ofMillis(600));
        }
    }

    @Test
    void whoWaitsInVainIsToldWhyNothingOpens() throws Exception {
        provider.failures.set(Integer.MAX_VALUE);
        try (SandboxPool pool = pool().size(1).patience(Duration.ofMillis(30)).build()) {
            await(() -> pool.statistics().failedOpenings() > 1);
            assertThatExceptionOfType(SandboxPoolException.class)
                    .isThrownBy(pool::lease)
                    .withStackTraceContaining("cannot be opened now");
            assertThat(pool.statistics().failedOpenings()).isLessThan(10);
        }
    }

    @Test
    void withTheSandboxClosedNobodyWaits() throws Exception {
        try (SandboxPool pool = pool().size(1).build()) {
            SandboxPool.Lease held = pool.lease();
            List<CompletableFuture<SandboxPool.Lease>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int number = i + 1;
                others.add(leaseInBackground(pool));
                await(() -> pool.statistics().waiting() == number);
            }
            sandbox.close();
            held.close();
            for (CompletableFuture<SandboxPool.Lease> other : others) {
                await(other::isCompletedExceptionally);
            }
            assertThatIllegalStateException().isThrownBy(pool::lease);
        }
    }

    @Test
    void timesAreCounted() throws Exception {
        try (SandboxPool pool = pool().size(0, 1).build()) {
            assertThat(pool.statistics().openingTime().mean()).isZero();
            pool.lease().close();
            await(() -> pool.statistics().idle() == 1);
            pool.lease().close();
            await(() -> pool.statistics().idle() == 1);
            SandboxPool.Statistics statistics = pool.statistics();
            assertThat(statistics.openingTime().count()).isEqualTo(1);
            assertThat(statistics.waitingTime().count()).isEqualTo(1);
            SandboxPool.Times resets = statistics.resetTime();
            assertThat(resets.count()).isEqualTo(2);
            assertThat(resets.longest()).isPositive().isLessThanOrEqualTo(resets.total());
            assertThat(resets.mean()).isEqualTo(resets.total().dividedBy(2));
        }
    }

    private static CompletableFuture<SandboxPool.Lease> leaseInBackground(SandboxPool pool) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return pool.lease();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    @Test
    void settingsAreChecked() {
        assertThatIllegalArgumentException().isThrownBy(() -> pool().size(0));
        assertThatIllegalArgumentException().isThrownBy(() -> pool().size(3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> pool().queue(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> pool().uses(0));
        assertThatIllegalArgumentException().isThrownBy(() -> pool().patience(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> pool().idleTime(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> pool().healthCheck(Duration.ZERO));
    }
}
