package io.cloister.sandbox.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.transport.Propagator;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Objects;

/// What of a trace a program is told: its ids, and nothing else.
class SandboxRunContextTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    private final SandboxRunContext context = new SandboxRunContext("judge", "sh");

    private void set(String key, String value) {
        Propagator.Setter<Map<String, String>> setter = context.getSetter();
        setter.set(Objects.requireNonNull(context.getCarrier()), key, value);
    }

    @Test
    void theBaggageIsNotHandedOn() {
        Context traced =
                Context.root()
                        .with(
                                Span.wrap(
                                        SpanContext.create(
                                                TRACE,
                                                SPAN,
                                                TraceFlags.getSampled(),
                                                TraceState.builder().put("vendor", "1").build())))
                        .with(Baggage.builder().put("user", "alice").build());
        TextMapPropagator both =
                TextMapPropagator.composite(
                        W3CTraceContextPropagator.getInstance(),
                        W3CBaggagePropagator.getInstance());

        both.inject(traced, context, (_, key, value) -> set(key, value));

        assertThat(context.environment())
                .isEqualTo(
                        Map.of(
                                "TRACEPARENT",
                                "00-%s-%s-01".formatted(TRACE, SPAN),
                                "TRACESTATE",
                                "vendor=1"));
    }

    @Test
    void fieldsThatOtherServicesNameAreNotHandedOn() {
        set("path", "/tmp/evil");
        set("ld-preload", "evil.so");
        set("x-tenant", "alice");
        set("x-b3-tenant", "alice");

        assertThat(context.environment()).isEmpty();
    }

    @Test
    void theIdsOfB3AreHandedOn() {
        set("b3", TRACE + "-" + SPAN);
        set("X-B3-TraceId", TRACE);
        set("X-B3-Sampled", "1");

        assertThat(context.environment())
                .isEqualTo(
                        Map.of(
                                "B3",
                                TRACE + "-" + SPAN,
                                "X_B3_TRACEID",
                                TRACE,
                                "X_B3_SAMPLED",
                                "1"));
    }
}
