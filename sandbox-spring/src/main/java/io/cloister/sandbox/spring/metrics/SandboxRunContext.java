package io.cloister.sandbox.spring.metrics;

import io.micrometer.observation.transport.SenderContext;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The context of an observation of a run. As a message that is sent, it carries the ids of the
/// trace: whatever format is configured for tracing, as environment variables. `traceparent` is
/// `TRACEPARENT`, `X-B3-TraceId` is `X_B3_TRACEID`.
///
/// It carries nothing else. Tracing hands the baggage on as well, in which other services put what
/// they like, such as names and tokens of users, and under names that they choose, such as `path`:
/// that is nothing for a program that is not trusted.
public final class SandboxRunContext extends SenderContext<Map<String, String>> {
    /// Of W3C Trace Context and of B3, in one header and in several.
    private static final Set<String> IDS =
            Set.of(
                    "traceparent",
                    "tracestate",
                    "b3",
                    "x-b3-traceid",
                    "x-b3-spanid",
                    "x-b3-parentspanid",
                    "x-b3-sampled",
                    "x-b3-flags");

    private final String profile;
    private final String program;
    private final Map<String, String> environment = new LinkedHashMap<>();

    SandboxRunContext(String profile, String program) {
        super((carrier, key, value) -> {
            if (carrier != null && IDS.contains(key.toLowerCase(Locale.ROOT))) {
                carrier.put(key.toUpperCase(Locale.ROOT).replace('-', '_'), value);
            }
        });
        this.profile = profile;
        this.program = program;
        setCarrier(environment);
    }

    /// {@return the profile of the sandbox}
    public String profile() {
        return profile;
    }

    /// {@return the program of the command}
    public String program() {
        return program;
    }

    Map<String, String> environment() {
        return Map.copyOf(environment);
    }
}
