package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.BudgetExceededException;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.spi.SessionBackend;
import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;
import io.cloister.sandbox.spring.settings.RefusedPropertyException;
import io.cloister.sandbox.spring.settings.Settings;
import io.cloister.sandbox.spring.state.RunLedger;
import io.cloister.sandbox.syscall.SyscallHandlers;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// What beans there are, with which policies, and how they end. Limits that control groups keep are
/// best effort here, so that any host will do that has namespaces.
@Tag("kernel")
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SandboxBeansTest {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(SandboxAutoConfiguration.class))
                    .withPropertyValues("sandbox.defaults.best-effort=memory,pids,cpu-time");

    @BeforeAll
    static void host() {
        Host.needsSandboxes();
    }

    @Configuration(proxyBeanMethods = false)
    static class Injected {
        @Autowired Sandbox unnamed;

        @Autowired
        @Qualifier("judge")
        Sandbox judge;

        @Autowired
        @Qualifier("judge")
        SandboxPool pool;
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnSandbox {
        @Bean
        Sandbox mine() {
            return Sandbox.builder().hostName("mine").build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnBudget {
        @Bean
        ResourceBudget mine() {
            return ResourceBudget.builder().sandboxes(7).build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {
        @Bean
        SandboxBuilderCustomizer name() {
            return (profile, builder) -> builder.hostName("of-" + profile);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnRegistry {
        @Bean
        SandboxRegistry mine() {
            return new SandboxRegistry(
                    Map.of(
                            "judge",
                            Sandbox.builder()
                                    .hostName("own")
                                    .bestEffort(
                                            LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME)
                                    .build()),
                    Map.of());
        }
    }

    @Test
    void withoutProfilesThereIsOneStrictSandbox() {
        runner.run(context -> {
            assertThat(context).hasSingleBean(Sandbox.class).doesNotHaveBean(SandboxPool.class);
            assertThat(context).doesNotHaveBean(ResourceBudget.class);
            assertThat(context.getBean(SandboxRegistry.class).sandboxes())
                    .containsOnlyKeys("default");
            SandboxResult result = context.getBean(Sandbox.class).run("echo", "hello");
            assertThat(result.stdoutText()).isEqualTo("hello\n");
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        });
    }

    @Test
    void nothingIsThereWhereItIsDisabled() {
        runner.withPropertyValues("sandbox.enabled=false")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(SandboxRegistry.class);
                    assertThat(context).doesNotHaveBean(Sandbox.class);
                });
    }

    @Test
    void profilesAreInjectedByQualifierAndTheDefaultWithoutOne() {
        runner.withPropertyValues(
                        "sandbox.profiles.default.host-name=first",
                        "sandbox.profiles.judge.preset=judge",
                        "sandbox.profiles.judge.pool.size=1",
                        "sandbox.profiles.judge.pool.queue=3",
                        "sandbox.profiles.judge.pool.patience=5s",
                        "sandbox.profiles.judge.pool.health-check=1m")
                .withUserConfiguration(Injected.class)
                .run(context -> {
                    Injected injected = context.getBean(Injected.class);
                    SandboxRegistry registry = context.getBean(SandboxRegistry.class);
                    assertThat(injected.unnamed).isSameAs(registry.sandbox("default"));
                    assertThat(injected.judge).isSameAs(registry.sandbox("judge"));
                    assertThat(injected.pool).isSameAs(registry.pool("judge"));
                    assertThat(injected.unnamed.spec().hostName()).contains("first");
                    assertThat(injected.judge.spec().syscalls()).isEqualTo(SyscallPolicy.judge());
                    assertThat(injected.pool.run(Command.of("true")).outcome())
                            .isEqualTo(new Outcome.Exited(0));
                });
    }

    @Test
    void theRegistryNamesWhatThereIs() {
        runner.withPropertyValues("sandbox.profiles.judge.preset=judge")
                .run(context -> {
                    SandboxRegistry registry = context.getBean(SandboxRegistry.class);
                    assertThat(registry.find("judge")).isPresent();
                    assertThat(registry.find("other")).isEmpty();
                    assertThatExceptionOfType(NoSuchElementException.class)
                            .isThrownBy(() -> registry.sandbox("other"))
                            .withMessage(
                                    "there is no profile named other, but [judge]; see"
                                            + " sandbox.profiles.other");
                    assertThatExceptionOfType(NoSuchElementException.class)
                            .isThrownBy(() -> registry.pool("judge"))
                            .withMessageContaining("no pool of a profile named judge");
                });
    }

    @Test
    void aPoolNeedsASandbox() {
        try (Sandbox sandbox = Sandbox.builder().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(0, 1).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SandboxRegistry(Map.of(), Map.of("x", pool)))
                    .withMessageContaining("the pool x must have a sandbox");
        }
    }

    @Test
    void defaultsGoBeforeTheProfileAndAllHavePoolsIfTheyDo() {
        runner.withPropertyValues(
                        "sandbox.defaults.host-name=common",
                        "sandbox.defaults.wall-time-limit=7s",
                        "sandbox.defaults.pool.size=1",
                        "sandbox.profiles.one.wall-time-limit=9s",
                        "sandbox.profiles.two.host-name=two")
                .run(context -> {
                    SandboxRegistry registry = context.getBean(SandboxRegistry.class);
                    assertThat(registry.pools()).containsOnlyKeys("one", "two");
                    assertThat(context.getBeansOfType(SandboxPool.class))
                            .containsOnlyKeys("oneSandboxPool", "twoSandboxPool");
                    assertThat(registry.sandbox("one").spec().hostName()).contains("common");
                    assertThat(registry.sandbox("one").spec().limits().wallTime())
                            .contains(Duration.ofSeconds(9));
                    assertThat(registry.sandbox("two").spec().hostName()).contains("two");
                    assertThat(registry.sandbox("two").spec().limits().wallTime())
                            .contains(Duration.ofSeconds(7));
                });
    }

    @Test
    void aProfileWithOnePropertyOfItsPoolHasTheOthersOfTheDefaults() {
        runner.withPropertyValues(
                        "sandbox.defaults.pool.uses=1", "sandbox.profiles.judge.pool.size=1")
                .run(context -> {
                    SandboxPool pool = context.getBean(SandboxPool.class);
                    pool.run(Command.of("true"));
                    pool.run(Command.of("true"));
                    assertThat(pool.statistics().lastDiscard()).contains("it was used 1 times");
                });
    }

    /// A pool is no policy, and what commands are told of traces is none either.
    @Test
    void aProfileWithAPolicyHasThePoolOfTheDefaults(@TempDir Path directory) {
        Path file = directory.resolve("policy.json");
        Sandbox.builder()
                .hostName("filed")
                .bestEffort(LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME)
                .spec()
                .write(file);
        runner.withPropertyValues(
                        "sandbox.defaults.host-name=common",
                        "sandbox.defaults.trace-environment=true",
                        "sandbox.defaults.pool.size=1",
                        "sandbox.profiles.judge.policy=file:" + file)
                .run(context -> {
                    assertThat(context).hasSingleBean(SandboxPool.class);
                    assertThat(context.getBean(Sandbox.class).spec().hostName()).contains("filed");
                    assertThat(context.getBean(Settings.class).tracesEnvironment("judge")).isTrue();
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnJudge {
        @Bean
        Sandbox judgeSandbox() {
            return Sandbox.builder().hostName("own").build();
        }
    }

    @Test
    void aBeanOfTheNameOfAProfilesSandboxIsRefused() {
        runner.withUserConfiguration(OwnJudge.class)
                .withPropertyValues("sandbox.profiles.judge.pool.size=4")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(context.getStartupFailure())
                            .hasStackTraceContaining(
                                    "sandbox.profiles.judge: the application has a"
                                            + " bean judgeSandbox of its own");
                });
        runner.withUserConfiguration(OwnJudge.class)
                .withPropertyValues("sandbox.profiles.other.preset=judge")
                .run(context ->
                        assertThat(context.getBeansOfType(Sandbox.class))
                                .containsOnlyKeys("judgeSandbox", "otherSandbox"));
    }

    @Test
    void aSandboxOfTheApplicationTakesThePlaceOfTheImpliedOne() {
        runner.withUserConfiguration(OwnSandbox.class)
                .run(context -> {
                    assertThat(context).hasSingleBean(Sandbox.class);
                    assertThat(context.getBean(Sandbox.class).spec().hostName()).contains("mine");
                    assertThat(context.getBean(SandboxRegistry.class).sandboxes()).isEmpty();
                });
    }

    @Test
    void aRegistryOfTheApplicationIsWhereItsProfilesComeFrom() {
        runner.withUserConfiguration(OwnRegistry.class)
                .withPropertyValues("sandbox.profiles.judge.preset=judge")
                .run(context -> {
                    assertThat(context).hasSingleBean(SandboxRegistry.class);
                    assertThat(context.getBean(Sandbox.class).spec().hostName()).contains("own");
                });
    }

    @Test
    void customizersSeeEveryProfile() {
        runner.withUserConfiguration(Customized.class)
                .withPropertyValues(
                        "sandbox.profiles.a.preset=strict", "sandbox.profiles.b.preset=build")
                .run(context -> {
                    SandboxRegistry registry = context.getBean(SandboxRegistry.class);
                    assertThat(registry.sandbox("a").run("hostname").stdoutText())
                            .isEqualTo("of-a\n");
                    assertThat(registry.sandbox("b").spec().hostName()).contains("of-b");
                });
    }

    @Test
    void theBudgetIsSharedByAllProfiles() {
        runner.withPropertyValues(
                        "sandbox.budget.memory=3GB",
                        "sandbox.budget.cpus=4",
                        "sandbox.budget.sandboxes=1",
                        "sandbox.budget.queue-timeout=1ms",
                        "sandbox.budget.queue-length=9",
                        "sandbox.profiles.a.preset=strict",
                        "sandbox.profiles.b.preset=strict")
                .run(context -> {
                    ResourceBudget budget = context.getBean(ResourceBudget.class);
                    assertThat(budget.memory()).contains(Bytes.gibibytes(3));
                    assertThat(budget.cpus()).contains(4.0);
                    assertThat(budget.queueTimeout()).isEqualTo(Duration.ofMillis(1));
                    assertThat(budget.queueLength()).isEqualTo(9);
                    SandboxRegistry registry = context.getBean(SandboxRegistry.class);
                    SandboxProcess holder = registry.sandbox("a").start(Command.of("sleep", "60"));
                    assertThatExceptionOfType(BudgetExceededException.class)
                            .isThrownBy(() -> registry.sandbox("b").run("true"));
                    holder.cancel();
                    assertThat(registry.sandbox("b").run("true").outcome().isSuccess()).isTrue();
                });
    }

    @Test
    void aBudgetOfTheApplicationIsUsed() {
        runner.withUserConfiguration(OwnBudget.class)
                .run(context -> {
                    SandboxProcess process =
                            context.getBean(Sandbox.class).start(Command.of("sleep", "60"));
                    assertThat(context.getBean(ResourceBudget.class).inUse().sandboxes())
                            .isEqualTo(1);
                    process.cancel();
                });
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
        runner.withUserConfiguration(OwnRegistry.class)
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

    @Test
    void theLedgerKnowsWhatRunsAndWhatRan() {
        runner.withPropertyValues("sandbox.profiles.judge.host-name=x")
                .run(context -> {
                    RunLedger ledger = context.getBean(RunLedger.class);
                    assertThat(ledger.lastLaunch()).isEmpty();
                    Sandbox sandbox = context.getBean(Sandbox.class);
                    SandboxProcess process = sandbox.start(Command.of("sleep", "60"));
                    assertThat(ledger.running())
                            .singleElement()
                            .satisfies(run -> {
                                assertThat(run.profile()).isEqualTo("judge");
                                assertThat(run.program()).isEqualTo("sleep");
                                assertThat(run.pid()).contains(process.pid());
                                assertThat(run.usage()).isPresent();
                            });
                    assertThat(ledger.awaitIdle(Duration.ofMillis(10))).isFalse();
                    process.cancel();
                    assertThat(ledger.awaitIdle(Duration.ofSeconds(30))).isTrue();
                    sandbox.run("false");
                    assertThat(ledger.awaitIdle(Duration.ofSeconds(30))).isTrue();
                    assertThat(ledger.ended("judge"))
                            .isEqualTo(Map.of("cancelled", 1L, "failure", 1L));
                    assertThat(ledger.lastLaunch().orElseThrow().outcome()).isEqualTo("failure");
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
