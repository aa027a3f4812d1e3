package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;
import io.cloister.sandbox.spring.autoconfigure.SandboxObservationAutoConfiguration;
import io.cloister.sandbox.spring.state.RunLedger;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.SenderContext;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Each run is a span of the caller's trace, and the child knows its ids if the profile says so;
/// with the real tracer of OpenTelemetry.
@Tag("kernel")
@Timeout(60)
class ObservationTest {
    private static final String PRINT = "echo \"${TRACEPARENT-none}\"";

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    SandboxAutoConfiguration.class,
                                    SandboxObservationAutoConfiguration.class))
                    .withUserConfiguration(Tracing.class)
                    .withPropertyValues(
                            "sandbox.profiles.default.best-effort=memory,pids,cpu-time");

    @BeforeAll
    static void host() {
        Host.needsSandboxes();
    }

    @Configuration(proxyBeanMethods = false)
    static class Tracing {
        @Bean
        InMemorySpanExporter spans() {
            return InMemorySpanExporter.create();
        }

        @Bean
        ObservationRegistry observations(InMemorySpanExporter spans) {
            var tracer =
                    SdkTracerProvider.builder()
                            .addSpanProcessor(SimpleSpanProcessor.create(spans))
                            .build()
                            .get("test");
            var propagator =
                    new OtelPropagator(
                            ContextPropagators.create(W3CTraceContextPropagator.getInstance()),
                            tracer);
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig()
                    .observationHandler(
                            new PropagatingSenderTracingObservationHandler<>(
                                    new OtelTracer(tracer, new OtelCurrentTraceContext(), _ -> {}),
                                    propagator));
            return registry;
        }
    }

    private static SpanData span(InMemorySpanExporter spans) throws InterruptedException {
        while (spans.getFinishedSpanItems().isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        List<SpanData> all = spans.getFinishedSpanItems();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private static String attribute(SpanData span, String name) {
        return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(name)));
    }

    @Test
    void theChildHasTheIdsOfItsSpan() {
        runner.withPropertyValues("sandbox.profiles.default.trace-environment=true")
                .run(context -> {
                    String parent =
                            context.getBean(Sandbox.class).run("sh", "-c", PRINT).stdoutText();

                    SpanData span = span(context.getBean(InMemorySpanExporter.class));
                    assertThat(parent)
                            .isEqualTo(
                                    "00-%s-%s-%s\n"
                                            .formatted(
                                                    span.getTraceId(),
                                                    span.getSpanId(),
                                                    span.getSpanContext().getTraceFlags().asHex()));
                    assertThat(span.getName()).isEqualTo("sandbox default");
                    assertThat(attribute(span, "profile")).isEqualTo("default");
                    assertThat(attribute(span, "outcome")).isEqualTo("success");
                    assertThat(attribute(span, "program")).isEqualTo("sh");
                });
    }

    @Test
    void withoutThePropertyTheChildKnowsNothing() {
        runner.run(context -> {
            assertThat(context.getBean(Sandbox.class).run("sh", "-c", PRINT).stdoutText())
                    .isEqualTo("none\n");
            assertThat(span(context.getBean(InMemorySpanExporter.class)).getParentSpanId())
                    .isEqualTo("0000000000000000");
        });
    }

    @Test
    void aRunStandsBelowTheObservationOfItsCaller() {
        runner.run(context -> {
            ObservationRegistry registry = context.getBean(ObservationRegistry.class);
            Observation request =
                    Observation.start(
                            "request",
                            () -> new SenderContext<>((carrier, key, value) -> {}),
                            registry);
            try (Observation.Scope scope = request.openScope()) {
                assertThat(scope.getCurrentObservation()).isSameAs(request);
                context.getBean(Sandbox.class).runAsync(Command.of("false")).join();
            }
            SpanData run = span(context.getBean(InMemorySpanExporter.class));
            context.getBean(InMemorySpanExporter.class).reset();
            request.stop();
            SpanData parent = span(context.getBean(InMemorySpanExporter.class));
            assertThat(run.getParentSpanId()).isEqualTo(parent.getSpanId());
            assertThat(attribute(run, "outcome")).isEqualTo("failure");
        });
    }

    @Test
    void aProgramThatIsNotThereIsAnErrorOfTheSpan() {
        runner.run(context -> {
            try {
                context.getBean(Sandbox.class).run("/there/is/none");
                throw new AssertionError("it ran");
            } catch (SandboxLaunchException e) {
                assertThat(e.errnoName()).isEqualTo("ENOENT");
            }
            SpanData span = span(context.getBean(InMemorySpanExporter.class));
            assertThat(attribute(span, "outcome")).isEqualTo("not-run");
            assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            RunLedger ledger = context.getBean(RunLedger.class);
            assertThat(ledger.awaitIdle(Duration.ofSeconds(10))).isTrue();
            assertThat(ledger.lastLaunch().orElseThrow().problem()).isPresent();
        });
    }
}
