package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Many users of a pool, who wait, give up, are interrupted and leave dirt, while sandboxes end by
/// themselves and cannot be opened: no two have the same one, and none is lost.
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SandboxPoolStressTest {

    private static final int USERS = 40;
    private static final int LEASES = 25;
    private static final int MOST = 5;

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final Sandbox sandbox = Sandbox.of(SandboxSpec.strict(), provider);
    private final Set<FakeSession> inUse = ConcurrentHashMap.newKeySet();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger shared = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nobodySharesAndNothingIsLost(long seed) throws Exception {
        try (SandboxPool pool =
                SandboxPool.of(sandbox)
                        .size(1, MOST)
                        .queue(USERS / 2)
                        .patience(Duration.ofMillis(20))
                        .idleTime(Duration.ofMillis(5))
                        .healthCheck(Duration.ofMillis(3))
                        .build()) {
            List<Thread> users = new ArrayList<>();
            for (int i = 0; i < USERS; i++) {
                Random random = new Random(seed * 1000 + i);
                users.add(Thread.startVirtualThread(() -> use(pool, random)));
            }
            Random random = new Random(seed);
            for (int i = 0; i < 200; i++) {
                users.get(random.nextInt(USERS)).interrupt();
                if (random.nextInt(60) == 0) {
                    provider.failures.incrementAndGet();
                }
                Thread.sleep(1);
            }
            for (Thread user : users) {
                user.join();
            }
            provider.failures.set(0);
            assertThat(shared).hasValue(0);
            assertThat(taken.get()).isPositive();
            // What is left works, and is all there is.
            leaseOnce(pool);
            long open = 0;
            for (int i = 0; i < 2000; i++) {
                SandboxPool.Statistics now = pool.statistics();
                open = provider.sessions.stream().filter(s -> !s.closed).count();
                if (now.leased() == 0 && now.idle() == open && open == 1) {
                    break;
                }
                Thread.sleep(5);
            }
            SandboxPool.Statistics end = pool.statistics();
            assertThat(end.waiting()).isZero();
            assertThat(end.leased()).isZero();
            assertThat(end.idle()).isEqualTo(1);
            assertThat(open).isEqualTo(1);
            assertThat(end.leases()).isEqualTo(taken.get() + 1L);
            assertThat(end.resets()).isEqualTo(taken.get() + 1L);
        }
        assertThat(provider.sessions).allMatch(session -> session.closed);
    }

    /// It may not try to open one before a pause is over.
    private static void leaseOnce(SandboxPool pool) throws InterruptedException {
        while (true) {
            try {
                pool.lease().close();
                return;
            } catch (SandboxPoolException e) {
                assertThat(e).hasMessageContaining("free");
            }
        }
    }

    private void use(SandboxPool pool, Random random) {
        for (int i = 0; i < LEASES; i++) {
            try (SandboxPool.Lease lease = pool.lease()) {
                taken.incrementAndGet();
                hold(lease, random);
            } catch (InterruptedException e) {
                // Asked for; the next one.
                continue;
            } catch (SandboxException e) {
                assertThat(e.getMessage()).containsAnyOf("wait", "free", "opened");
            }
        }
    }

    private void hold(SandboxPool.Lease lease, Random random) throws InterruptedException {
        FakeProcess process =
                (FakeProcess) lease.session().start(Command.of("user-" + taken.get()));
        assertThat(process).isNotNull();
        FakeSession session =
                provider.sessions.stream()
                        .filter(s -> s.processes.contains(process))
                        .findFirst()
                        .orElseThrow();
        if (!inUse.add(session)) {
            shared.incrementAndGet();
        }
        try {
            Thread.sleep(random.nextInt(3));
            switch (random.nextInt(12)) {
                case 0 -> session.dirt = Optional.of("left");
                case 1 -> session.close();
                case 2 -> lease.session().close();
                default -> {}
            }
        } finally {
            inUse.remove(session);
        }
    }
}
