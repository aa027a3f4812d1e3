package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.spring.actuate.SandboxEndpoint;
import io.cloister.sandbox.spring.actuate.SandboxHealthIndicator;
import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;
import io.cloister.sandbox.spring.autoconfigure.SandboxEndpointAutoConfiguration;
import io.cloister.sandbox.spring.autoconfigure.SandboxHealthAutoConfiguration;
import io.cloister.sandbox.spring.autoconfigure.SandboxMetricsAutoConfiguration;
import io.cloister.sandbox.spring.autoconfigure.SandboxObservationAutoConfiguration;
import io.cloister.sandbox.spring.metrics.SandboxMetrics;
import io.cloister.sandbox.spring.metrics.SandboxObservations;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;
import io.micrometer.observation.ObservationRegistry;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/// Actuator and Micrometer may be there or not; what an application has itself stays.
@Tag("kernel")
class OptionalPartsTest {
    private static final String EXPOSED = "management.endpoints.web.exposure.include=sandbox";

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    SandboxAutoConfiguration.class,
                                    SandboxEndpointAutoConfiguration.class,
                                    SandboxHealthAutoConfiguration.class,
                                    SandboxMetricsAutoConfiguration.class,
                                    SandboxObservationAutoConfiguration.class))
                    .withPropertyValues(
                            "sandbox.profiles.default.best-effort=memory,pids,cpu-time");

    @BeforeAll
    static void host() {
        Host.needsSandboxes();
    }

    @Configuration(proxyBeanMethods = false)
    static class Observed {
        @Bean
        ObservationRegistry observations() {
            return ObservationRegistry.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnProbe {
        @Bean
        HostProbe probe() {
            return new HostProbe(() -> report(Status.MISSING), Duration.ZERO);
        }
    }

    /// Sandboxes that see the host's processes can collect no files.
    @Configuration(proxyBeanMethods = false)
    static class HostProcesses {
        @Bean
        SandboxBuilderCustomizer hostProcesses() {
            return (profile, builder) -> builder.hostPid();
        }
    }

    private static HostReport report(Status status) {
        return new HostReport(
                "Plan 9", List.of(new Feature("namespaces", status, "", "use Linux", true)));
    }

    @Test
    void everythingIsThereWhereItsClassesAre() {
        runner.withUserConfiguration(Observed.class)
                .withPropertyValues(EXPOSED)
                .run(context ->
                        assertThat(context)
                                .hasSingleBean(SandboxEndpoint.class)
                                .hasSingleBean(SandboxHealthIndicator.class)
                                .hasSingleBean(SandboxMetrics.class)
                                .hasSingleBean(SandboxObservations.class));
    }

    @Test
    void withoutAnyOfThemSandboxesWorkAllTheSame() {
        runner.withPropertyValues(EXPOSED)
                .withClassLoader(
                        new FilteredClassLoader(
                                "io.micrometer",
                                "org.springframework.boot.health",
                                "org.springframework.boot.actuate"))
                .run(context -> {
                    assertThat(context)
                            .hasNotFailed()
                            .doesNotHaveBean("sandboxEndpoint")
                            .doesNotHaveBean("sandboxHealthIndicator")
                            .doesNotHaveBean("sandboxMetrics")
                            .doesNotHaveBean("sandboxObservations");
                    assertThat(context.getBean(Sandbox.class).run("true").outcome().isSuccess())
                            .isTrue();
                });
    }

    @Test
    void withoutARegistryOfObservationsThereAreNone() {
        runner.run(context -> assertThat(context).doesNotHaveBean(SandboxObservations.class));
    }

    @Test
    void anEndpointThatIsNotExposedIsNotMade() {
        runner.run(context -> assertThat(context).doesNotHaveBean(SandboxEndpoint.class));
    }

    @Test
    void healthCanBeLeftOut() {
        runner.withPropertyValues("management.health.sandbox.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(SandboxHealthIndicator.class));
    }

    @Test
    void nothingOfItIsThereWithoutSandboxes() {
        runner.withUserConfiguration(Observed.class)
                .withPropertyValues(EXPOSED, "sandbox.enabled=false")
                .run(context ->
                        assertThat(context)
                                .hasNotFailed()
                                .doesNotHaveBean(SandboxEndpoint.class)
                                .doesNotHaveBean(SandboxHealthIndicator.class)
                                .doesNotHaveBean(SandboxMetrics.class)
                                .doesNotHaveBean(SandboxObservations.class));
    }

    @Test
    void aHostThatCannotIsDownAndSaysWhatIsMissing() {
        runner.withUserConfiguration(OwnProbe.class)
                .run(context -> {
                    Health health =
                            Objects.requireNonNull(
                                    context.getBean(SandboxHealthIndicator.class).health());
                    assertThat(health.getStatus().getCode()).isEqualTo("DOWN");
                    assertThat(health.getDetails())
                            .containsEntry("system", "Plan 9")
                            .containsEntry("missing", List.of("namespaces"));
                });
    }

    @Test
    void neitherAFailingCommandNorARefusedLaunchSaysSomethingOfHealth(@TempDir Path outputs) {
        runner.withUserConfiguration(HostProcesses.class)
                .run(context -> {
                    Sandbox sandbox = context.getBean(Sandbox.class);
                    sandbox.run("false");
                    Health health = health(context);
                    assertThat(health.getStatus().getCode()).isEqualTo("UP");
                    assertThat(health.getDetails()).containsEntry("lastOutcome", "failure");

                    Command collecting =
                            Command.of("true").collect("/tmp/out", outputs.resolve("out"));
                    assertThatExceptionOfType(SandboxUnavailableException.class)
                            .isThrownBy(() -> sandbox.run(collecting));
                    health = health(context);
                    assertThat(health.getStatus().getCode()).isEqualTo("UP");
                    assertThat(health.getDetails())
                            .containsEntry("lastOutcome", "not-run")
                            .containsKeys("lastProblem", "lastRefusal", "lastRefusalProblem");

                    sandbox.run("true");
                    health = health(context);
                    assertThat(health.getDetails())
                            .containsEntry("lastOutcome", "success")
                            .containsEntry("lastRefusedProfile", "default")
                            .containsKey("lastRefusal")
                            .doesNotContainKey("lastProblem");
                });
    }

    @Test
    void aHostWithoutNamespacesIsUpWhereAllSandboxesDoWithoutThem() {
        runner.withUserConfiguration(OwnProbe.class)
                .withPropertyValues("sandbox.profiles.default.isolation=namespaces-or-confined")
                .run(context -> assertThat(health(context).getStatus().getCode()).isEqualTo("UP"));
        runner.withUserConfiguration(OwnProbe.class)
                .withPropertyValues(
                        "sandbox.profiles.default.isolation=namespaces-or-confined",
                        "sandbox.profiles.other.host-name=x")
                .run(context ->
                        assertThat(health(context).getStatus().getCode()).isEqualTo("DOWN"));
    }

    private static Health health(ApplicationContext context) throws InterruptedException {
        assertThat(context.getBean(RunLedger.class).awaitIdle(Duration.ofSeconds(10))).isTrue();
        return Objects.requireNonNull(context.getBean(SandboxHealthIndicator.class).health());
    }

    @Test
    void theHostIsLookedAtOncePerInterval() {
        AtomicInteger looks = new AtomicInteger();
        HostProbe patient = new HostProbe(() -> counted(looks), Duration.ofHours(1));
        patient.report();
        patient.report();
        assertThat(looks).hasValue(1);

        HostProbe eager = new HostProbe(() -> counted(looks), Duration.ZERO);
        eager.report();
        eager.report();
        assertThat(looks).hasValue(3);
    }

    private static HostReport counted(AtomicInteger looks) {
        looks.incrementAndGet();
        return report(Status.AVAILABLE);
    }
}
