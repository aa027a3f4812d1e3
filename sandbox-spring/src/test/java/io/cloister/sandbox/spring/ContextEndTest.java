package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.spi.SessionBackend;
import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;
import io.cloister.sandbox.spring.settings.RefusedPropertyException;
import io.cloister.sandbox.syscall.SyscallHandlers;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// How sandboxes end: with their context, which waits for what is under way, and where the start
/// fails. Limits that control groups keep are best effort here.
@Tag("kernel")
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ContextEndTest {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(SandboxAutoConfiguration.class))
                    .withPropertyValues("sandbox.defaults.best-effort=memory,pids,cpu-time");

    @BeforeAll
    static void host() {
        Host.needsSandboxes();
    }

    @Test
    void aRefusedSandboxClosesThoseThatWereMadeBefore() {
        CountingProvider counting = new CountingProvider();
        runner.withBean(
                        SandboxBuilderCustomizer.class,
                        () -> (_, builder) -> builder.provider(counting))
                .withPropertyValues(
                        "sandbox.profiles.a.preset=strict",
                        "sandbox.profiles.a.pool.size=1",
                        "sandbox.profiles.b.pids-limit=0")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(context.getStartupFailure())
                            .rootCause()
                            .isInstanceOf(IllegalArgumentException.class);
                    assertThat(context.getStartupFailure())
                            .hasStackTraceContaining(RefusedPropertyException.class.getName())
                            .hasStackTraceContaining("sandbox.profiles.b.pids-limit = 0");
                });
        assertThat(counting.opened).hasValue(1);
        assertThat(counting.closed).hasValue(1);
    }

    @Test
    void closingTheContextWaitsForRunsAndTakesNoNewOnes() throws Exception {
        Held held = new Held();
        runner.run(context -> {
            Sandbox sandbox = context.getBean(Sandbox.class);
            held.sandbox = sandbox;
            held.process = sandbox.start(Command.of("sh", "-c", "sleep 1; exit 5"));
            context.close();
            assertThat(held.process.isAlive()).isFalse();
        });
        assertThat(held.process().waitForResult().outcome()).isEqualTo(new Outcome.Exited(5));
        assertThatIllegalStateException().isThrownBy(() -> held.sandbox().run("true"));
    }

    @Test
    void aSandboxThatIsShutDownRefusesWhileOthersEnd() throws Exception {
        runner.run(context -> {
            Sandbox sandbox = context.getBean(Sandbox.class);
            SandboxProcess process = sandbox.start(Command.of("cat"));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);
            while (accepts(sandbox)) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(process.isAlive()).isTrue();
            process.getOutputStream().close();
            closing.get(30, TimeUnit.SECONDS);
            assertThat(process.waitForResult().outcome()).isEqualTo(new Outcome.Exited(0));
        });
    }

    private static boolean accepts(Sandbox sandbox) throws InterruptedException {
        try {
            sandbox.run("true");
            return true;
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("shut down");
            return false;
        }
    }

    @Test
    void whatRunsForTooLongIsKilled() throws Exception {
        Held held = new Held();
        runner.withPropertyValues("sandbox.shutdown-timeout=100ms")
                .run(context -> {
                    held.process = context.getBean(Sandbox.class).start(Command.of("sleep", "600"));
                    context.close();
                });
        assertThat(held.process().waitForResult().outcome()).isInstanceOf(Outcome.Cancelled.class);
    }

    @Test
    void aRunInASandboxOfAnOwnRegistryIsWaitedFor() throws Exception {
        Held held = new Held();
        runner.withUserConfiguration(SandboxBeansTest.OwnRegistry.class)
                .withPropertyValues("sandbox.profiles.judge.preset=judge")
                .run(context -> {
                    held.process =
                            context.getBean(Sandbox.class)
                                    .start(Command.of("sh", "-c", "sleep 1; exit 5"));
                    context.close();
                });
        assertThat(held.process().waitForResult().outcome()).isEqualTo(new Outcome.Exited(5));
    }

    @Test
    void aSessionIsWaitedForBetweenItsCommands() {
        runner.run(context -> {
            SandboxSession session = context.getBean(Sandbox.class).open();
            assertThat(session.run("true").outcome()).isEqualTo(new Outcome.Exited(0));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);
            TimeUnit.MILLISECONDS.sleep(300);
            assertThat(session.run("true").outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(closing).isNotDone();
            session.close();
            // Long before the 20 seconds that it would have.
            closing.get(10, TimeUnit.SECONDS);
        });
    }

    @Test
    void aLeaseThatIsGivenBackIsWaitedFor() {
        runner.withPropertyValues("sandbox.defaults.pool.size=1")
                .run(context -> {
                    SandboxPool.Lease lease = context.getBean(SandboxPool.class).lease();
                    AtomicBoolean given = new AtomicBoolean();
                    Thread.startVirtualThread(() -> {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                        given.set(true);
                        lease.close();
                    });
                    long start = System.nanoTime();
                    context.close();
                    assertThat(given).isTrue();
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isLessThan(Duration.ofSeconds(15));
                });
    }

    @Test
    void closingTheRegistryAgainDoesNothing(CapturedOutput output) {
        try (Sandbox sandbox =
                Sandbox.builder()
                        .bestEffort(LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME)
                        .build()) {
            SandboxPool pool = SandboxPool.of(sandbox).size(1).build();
            SandboxRegistry registry = new SandboxRegistry(Map.of("x", sandbox), Map.of("x", pool));
            SandboxPool.Lease lease = pool.lease();
            registry.close();
            registry.close();
            assertThat(output.getAll()).containsOnlyOnce("have not been given back");
            lease.close();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aLeaseThatIsNeverGivenBackIsClosed() throws Exception {
        runner.withPropertyValues("sandbox.shutdown-timeout=200ms", "sandbox.defaults.pool.size=1")
                .run(context -> {
                    SandboxPool pool = context.getBean(SandboxPool.class);
                    SandboxPool.Lease lease = pool.lease();
                    context.close();
                    assertThatIllegalStateException().isThrownBy(() -> lease.run("true"));
                    assertThatIllegalStateException().isThrownBy(pool::lease);
                    lease.close();
                });
    }

    /// The provider of this host, which counts.
    private static final class CountingProvider implements SandboxProvider {
        private final SandboxProvider host = Sandboxes.provider();
        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger closed = new AtomicInteger();

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public boolean isSupported() {
            return true;
        }

        @Override
        public HostReport probe() {
            return host.probe();
        }

        @Override
        public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
            SandboxBackend backend = host.open(spec, handlers);
            opened.incrementAndGet();
            return new SandboxBackend() {
                @Override
                public SandboxProcess start(Command command) {
                    return backend.start(command);
                }

                @Override
                public SessionBackend open() {
                    return backend.open();
                }

                @Override
                public String explain(Command command) {
                    return backend.explain(command);
                }

                @Override
                public void close() {
                    backend.close();
                    closed.incrementAndGet();
                }
            };
        }
    }

    /// What outlives a context.
    private static final class Held {
        private @Nullable Sandbox sandbox;
        private @Nullable SandboxProcess process;

        private Sandbox sandbox() {
            return Objects.requireNonNull(sandbox);
        }

        private SandboxProcess process() {
            return Objects.requireNonNull(process);
        }
    }
}
