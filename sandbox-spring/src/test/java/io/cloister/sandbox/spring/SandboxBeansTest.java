package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.BudgetExceededException;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;
import io.cloister.sandbox.spring.settings.Settings;
import io.cloister.sandbox.spring.state.RunLedger;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;

/// What beans there are, and with which policies. Limits that control groups keep are best effort
/// here, so that any host will do that has namespaces.
@Tag("kernel")
@Timeout(120)
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
}
